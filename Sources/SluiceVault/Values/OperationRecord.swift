public import SluiceAccess
internal import SluiceNative

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
    /// Whether more is there already: what a vault keeps is one page, unless somebody has added to it.
    public let hasMore: Bool
}

extension OperationRecord {
    /// Adds the record as a line of JSON. Written by hand, for there are thousands a second in a sweep.
    package func append(to bytes: inout [UInt8]) {
        bytes.append(contentsOf: "{\"time\":\(timeMilliseconds),\"identity\":".utf8)
        Self.append(identity, to: &bytes)
        bytes.append(contentsOf: ",\"operation\":".utf8)
        Self.append(operation, to: &bytes)
        if let key {
            bytes.append(contentsOf: ",\"key\":".utf8)
            Self.append(key.description, to: &bytes)
        }
        bytes.append(contentsOf: ",\"outcome\":".utf8)
        Self.append(outcome, to: &bytes)
        bytes.append(contentsOf: "}\n".utf8)
    }

    /// Adds text in quotation marks, with what JSON wants escaped.
    private static func append(_ text: String, to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "\""))
        defer { bytes.append(UInt8(ascii: "\"")) }
        guard text.utf8.contains(where: isEscaped) else {
            bytes.append(contentsOf: text.utf8)
            return
        }
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"):
                bytes.append(UInt8(ascii: "\\"))
                bytes.append(byte)
            case 0..<0x20:
                bytes.append(contentsOf: "\\u00\(String(hexadecimal: [byte]))".utf8)
            default: bytes.append(byte)
            }
        }
    }

    private static func isEscaped(_ byte: UInt8) -> Bool {
        byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
    }
}
