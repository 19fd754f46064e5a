internal import ArgumentParser
internal import Foundation
internal import TestSupport
internal import Testing

@testable import Sluice
@testable import SluiceCLI

/// Remedies as the command tells them.
@Suite struct RemedyTests {
    /// What the user gave, with all that a shell would take apart.
    private static let given = [
        "--home", "/a 'home'", "--store=-s", "--vaults", "/v\u{1B}[1m`x`", "--scope", "mine",
        "--root-key", "$HOME/key", "--require-fips",
    ]

    /// The words that a shell makes of a line.
    private func words(_ line: String) throws -> [String] {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/bash")
        process.arguments = ["-c", "printf '%s\\0' \(line)"]
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        let bytes = try pipe.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        return bytes.split(separator: 0, omittingEmptySubsequences: false).dropLast()
            .map { String(decoding: $0, as: UTF8.self) }
    }

    @Test func `there is a sample of each kind`() {
        let families: [[Remedy]] = [
            RemedySamples.listings.map { .list($0) }, RemedySamples.makings.map { .make($0) },
            RemedySamples.choices.map { .choose($0) }, RemedySamples.changes.map { .change($0) },
            RemedySamples.operations.map { .run($0) },
            RemedySamples.machineChanges.map { .machine($0) }, RemedySamples.others,
        ]
        for family in families {
            #expect(Set(family.map(\.code)).count == RemedySamples.kindCount(family[0]))
        }
        let codes = families.flatMap { Set($0.map(\.code)) }
        #expect(Set(codes).count == codes.count)
    }

    @Test(arguments: RemedySamples.all)
    func `its line is one that the command takes, with the options that were given`(
        remedy: Remedy
    ) throws {
        guard let command = remedy.command, let line = Advice(nil).line(remedy) else { return }
        guard command.program == SluiceCommand.name else {
            #expect(try words(line).first == command.program)
            return
        }
        let bare = try words(line)
        #expect(bare.first == "sluice")
        _ = try SluiceCommand.parseAsRoot(Array(bare.dropFirst()))

        let options = try GlobalOptions.parse(Self.given)
        let full = try #require(Advice(options).line(remedy))
        let all = try words(full)
        let parsed = try SluiceCommand.parseAsRoot(Array(all.dropFirst()))
        let global = try #require((parsed as? any GlobalCommand)?.global)
        #expect(global.home == "/a 'home'")
        #expect(global.vaults == "/v\u{1B}[1m`x`")
        #expect(global.rootKey == "$HOME/key")
        #expect(global.requiresFIPS)
        #expect(global.store == command.store ?? "-s")
        switch command.place {
        case .store: #expect(global.scope == nil)
        case .givenScope: #expect(global.scopeName.description == "mine")
        case .scope(let name): #expect(global.scopeName.description == name)
        }
        // The one that was parsed is the one that is named.
        let names = bare.dropFirst().prefix { !$0.hasPrefix("-") }
        #expect(type(of: parsed).configuration.commandName.map(names.contains) == true)
        // A line that is printed has nothing that a terminal obeys.
        #expect(PrintableText.escaped(full) == full)
    }

    @Test(arguments: RemedySamples.all)
    func `the library's words name no command and no option`(remedy: Remedy) {
        #expect(!remedy.description.isEmpty)
        #expect(!remedy.description.contains("sluice"))
        #expect(!remedy.description.contains("--"))
        // What the user has named may have anything in it.
        let hasBackquote = remedy.description.contains("`")
        #expect(!hasBackquote || remedy.parameters.values.contains { $0.contains("`") })
    }

    @Test(arguments: RemedySamples.all)
    func `JSON has its code, its parameters, its words and its line`(remedy: Remedy) throws {
        var failure = Failure(.notFound, "it isn't there", about: .object("x"))
        failure.remedies = [remedy]
        let advice = Advice(nil)
        let text = JSONText.compact(ErrorDocument(failure, advice))
        let document = try #require(
            JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
        #expect(document["code"] as? String == "notFound")
        #expect(document["reason"] as? String == "it isn't there")
        #expect(document["message"] as? String == "it isn't there: \(advice.text(remedy))")
        #expect(document["subject"] as? [String: String] == ["kind": "object", "name": "x"])
        let remedies = try #require(document["remedies"] as? [[String: Any]])
        #expect(remedies.count == 1)
        #expect(remedies.first?["code"] as? String == remedy.code)
        #expect(remedies.first?["parameters"] as? [String: String] == remedy.parameters)
        #expect(remedies.first?["text"] as? String == advice.text(remedy))
        #expect(remedies.first?["command"] as? String == advice.line(remedy))
    }

    @Test(arguments: [
        ("plain-1.0/x", "plain-1.0/x"), ("", "''"), ("a b", "'a b'"), ("it's", "'it'\\''s'"),
        ("~", "'~'"), ("a\nb'\\", "$'a\\x0ab\\'\\\\'"), ("é", "'é'"),
        ("\u{202E}", "$'\\xe2\\x80\\xae'"),
    ])
    func `a word is quoted where a shell would take it apart`(word: String, quoted: String) throws {
        #expect(ShellWord.quoted(word) == quoted)
        #expect(try words(quoted) == [word])
    }
}
