/// One operation of a vault, as its log holds it: who did what to which key, and what came of it.
public struct OperationRecord: Codable, Hashable, Sendable {
    /// When, in milliseconds since 1970, by the vaults' clock.
    public let timeMilliseconds: Int
    /// Who asked.
    public let identity: String
    /// What was asked for: the name of a ``KeyOperation``, or of a change of the vault's access, as in
    /// `setPolicy`.
    public let operation: String
    /// The key, with the version that was used, if it came to that; nil for what concerns the vault.
    public let key: KeyIdentifier?
    /// `ok`, or the name of a ``VaultError/Code``.
    public let outcome: String

    /// The outcome of what succeeded.
    public static let succeeded = "ok"

    private enum CodingKeys: String, CodingKey {
        case identity, operation, key, outcome
        case timeMilliseconds = "time"
    }
}

/// How often an operation had an outcome.
public struct OperationCount: Codable, Hashable, Sendable {
    /// As ``OperationRecord/operation``.
    public let operation: String
    /// As ``OperationRecord/outcome``.
    public let outcome: String
    /// How often.
    public let count: Int
}

/// A place in a vault's operation log, behind the records that were read.
public struct OperationLogPosition: Hashable, Sendable {
    /// The file that it is in; 0 in memory.
    let inode: UInt64
    /// Bytes of the file, or records in memory, that lie before it.
    let offset: Int
}

/// Some records of a vault's operation log, the oldest first.
public struct OperationPage: Sendable {
    /// The records.
    public let records: [OperationRecord]
    /// Where to read on.
    public let position: OperationLogPosition
}

extension OperationRecord {
    /// The record as a line of JSON. Written by hand, for there are thousands a second in a sweep.
    var line: String {
        var line = "{\"time\":\(timeMilliseconds),\"identity\":\(Self.quoted(identity))"
        line += ",\"operation\":\(Self.quoted(operation))"
        if let key { line += ",\"key\":\(Self.quoted(key.description))" }
        line += ",\"outcome\":\(Self.quoted(outcome))}\n"
        return line
    }

    private static func quoted(_ text: String) -> String {
        let isPlain = text.utf8.allSatisfy { byte in
            byte >= 0x20 && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\")
        }
        guard !isPlain else { return "\"\(text)\"" }
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"", "\\": quoted += "\\\(scalar)"
            case _ where scalar.value < 0x20:
                let digits = String(scalar.value, radix: 16)
                quoted += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted + "\""
    }
}
