internal import Sluice
internal import SluiceNative

/// What a command prints, as a source of bytes that fails unless the command ends well: what one that
/// failed has printed is no content.
final class CommandInput: ByteSource {
    private let process: ChildProcess
    private let input: InterruptibleInput

    /// Starts a command, given by its name or path and its arguments. It reads this process's standard
    /// input, writes its messages where this one's go, and may ask something at the terminal.
    init(_ words: [String]) throws {
        guard let name = words.first, let path = try Environment.program(named: name) else {
            throw Failure(
                .notFound,
                "there is no program '\(words.first ?? "")' on the PATH; nothing was stored",
                remedies: [.other("name it by its path")])
        }
        let pipe = try File.makePipe()
        let process: ChildProcess
        do throws(SystemError) {
            process = try ChildProcess.start(
                path, Array(words.dropFirst()), input: .standardInput, output: pipe.writer,
                errors: .standardError, ownGroup: false)
        } catch {
            throw Failure(
                error.isNotFound ? .notFound : .inputOutput,
                "can't start '\(name)': \(error.reason); nothing was stored")
        }
        self.process = process
        input = InterruptibleInput(pipe.reader, name: "what '\(name)' prints") {
            () throws(StoreError) in
            try Self.requireSuccess(of: process, name)
        }
    }

    func read(into buffer: inout MutableSpan<UInt8>) throws -> Int {
        try input.read(into: &buffer)
    }

    /// Has reads fail, and asks the command to end.
    func interrupt() {
        input.interrupt()
        process.terminate()
    }

    private static func requireSuccess(
        of process: ChildProcess, _ name: String
    ) throws(StoreError) {
        let exitCode: Int32
        do throws(SystemError) {
            exitCode = try process.wait()
        } catch {
            throw StoreError(
                .inputOutput,
                "can't tell how '\(name)' ended: \(error.reason); nothing was stored",
                cause: error)
        }
        guard exitCode == 0 else {
            throw StoreError(
                .inputOutput,
                "'\(name)' ended with \(exitCode), so that what it printed isn't whole; nothing was "
                    + "stored", remedies: [.other("see its own message for why")])
        }
    }
}
