import Foundation
import Testing

@testable import BenchKit

@Suite struct ShellCommandTests {
    @Test func `a shell takes the line apart into the same arguments`() throws {
        let arguments = [
            "plain", "a|b", "", "it's", "$HOME", "*", "two words", "^(put|get)$", "\\", "\"",
            ";&<>`",
            "--option=1,2:3", "~", "#", "!", "ä", "line\nfeed",
        ]
        let shell = Process()
        shell.executableURL = URL(filePath: "/bin/sh")
        shell.arguments = ["-c", "printf '%s\\0' \(ShellCommand.text(arguments))"]
        let output = Pipe()
        shell.standardOutput = output
        try shell.run()
        let printed = try output.fileHandleForReading.readToEnd() ?? Data()
        shell.waitUntilExit()
        #expect(shell.terminationStatus == 0)
        #expect(String(decoding: printed, as: UTF8.self) == arguments.map { "\($0)\0" }.joined())
    }

    @Test func `what needs no quotes has none`() {
        #expect(ShellCommand.text(["./bench", "--x", "a_b-1.2"]) == "./bench --x a_b-1.2")
    }
}
