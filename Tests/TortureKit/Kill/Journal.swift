internal import Foundation
internal import SluiceNative

/// What a process that may be killed at any moment has begun, and what it was told, a line each.
///
/// A line is in the file, as far as other processes are concerned, when ``append(_:)`` returns: so what
/// has an end was acknowledged, and what has a beginning alone was in flight. It lies outside the home.
final class Journal: Sendable {
    private let file: File

    init(path: String) throws {
        let url = URL(fileURLWithPath: path)
        file = try Directory.open(url.deletingLastPathComponent().path)
            .openFileForAppending(url.lastPathComponent)
    }

    /// Appends a line by one `write`.
    func append(_ line: String) {
        do {
            try file.write(Array("\(line)\n".utf8).span)
        } catch {
            preconditionFailure("the journal can't be written: \(error)")
        }
    }

    /// A line as words; a journal that isn't there has none.
    static func lines(path: String) -> [[Substring]] {
        guard let data = FileManager.default.contents(atPath: path) else { return [] }
        return String(decoding: data, as: UTF8.self).split(separator: "\n").map {
            $0.split(separator: " ")
        }
    }
}

/// What the thread that changes keys does; the other threads do ``ObjectOperation``s.
enum KeyAction: String, CaseIterable, Sendable {
    case rotate, rewrap, mode, pin, unpin, snapshot, unsnapshot, backup, revoke, restore
}
