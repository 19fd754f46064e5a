internal import BenchKit
internal import FoundationEssentials

/// What a trial and the processes that it starts say to each other: a line each, in JSON.
enum WorkerMessages {
    /// The version of all this; another is refused.
    static let version = 2

    /// What a process says once it is set up and warm.
    struct Ready: Codable {
        var version: Int
    }

    /// What a process is asked.
    enum Request: Codable {
        /// To run once, or to do one of several slices of a run.
        case run(seed: UInt64, sliceCount: Int)
        /// To take exact counts.
        case count(seed: UInt64)
        /// To say what it is.
        case describe
    }

    /// What it answers.
    enum Answer: Codable {
        case run(Run)
        /// Nothing where the cell counts nothing.
        case count(CountResult?)
        case description(Fingerprint)
        /// It can't.
        case failure(String)
    }

    /// A message as a line, without its line feed.
    static func line(_ message: some Encodable) throws -> String {
        String(decoding: try JSONEncoder().encode(message), as: UTF8.self)
    }

    /// The message of a line.
    static func message<Message: Decodable>(
        _: Message.Type, from line: String, of command: String
    ) throws -> Message {
        do {
            return try JSONDecoder().decode(Message.self, from: Data(line.utf8))
        } catch {
            throw BenchError.notABench(command: command, answer: String(line.prefix(200)))
        }
    }
}
