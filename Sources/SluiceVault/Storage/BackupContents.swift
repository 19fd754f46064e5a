internal import SluiceAccess
internal import SluiceNative

/// What a backup holds: rows of a vault's tables as they are, private keys being sealed in them.
///
/// As bytes: the version of the tables (4 bytes, as all counts big-endian), then for each table the number of its
/// rows (4), and of each row its columns in the order of the schema. A column is a byte that says what it is, and:
///
///     0  NULL      nothing
///     1  INTEGER   8 bytes, two's complement
///     2  TEXT      a length (4), and as many bytes of UTF-8
///     3  BLOB      a length (4), and as many bytes
struct BackupContents: Sendable {
    /// A column of a row.
    enum Value: Hashable, Sendable {
        case null
        case integer(Int64)
        case text(String)
        case blob([UInt8])
    }

    /// A table, with how many columns it has.
    struct Table: Sendable {
        let name: String
        let columnCount: Int
    }

    /// What there is of a key, in this order.
    static let keyTables = [
        Table(name: "keys", columnCount: 4), Table(name: "rotation_policies", columnCount: 8),
        Table(name: "versions", columnCount: 17), Table(name: "tags", columnCount: 3),
    ]
    /// What there is of a vault, in this order.
    static let vaultTables =
        [
            Table(name: "vault", columnCount: 11), Table(name: "policies", columnCount: 2),
            Table(name: "identities", columnCount: 2),
        ] + keyTables + [
            Table(name: "anchors", columnCount: 4), Table(name: "stores", columnCount: 2),
        ]

    /// By the tables' names.
    var rows: [String: [[Value]]] = [:]

    // MARK: As bytes

    /// The rows of these tables as bytes.
    func encoded(_ tables: [Table]) -> [UInt8] {
        var bytes: [UInt8] = []
        Self.append(VaultTables.currentFormat, to: &bytes)
        for table in tables {
            let rows = rows[table.name] ?? []
            Self.append(rows.count, to: &bytes)
            for value in rows.joined() { Self.append(value, to: &bytes) }
        }
        return bytes
    }

    /// Reads the rows of these tables.
    ///
    /// - Throws: `newerVersion`, `olderVersion`, `damaged`.
    init(decoding bytes: [UInt8], _ tables: [Table]) throws(VaultError) {
        var reader = Reader(bytes: bytes[...])
        let format = reader.count()
        guard format == VaultTables.currentFormat else {
            let isNewer = format ?? 0 > VaultTables.currentFormat
            throw VaultError(
                isNewer ? .newerVersion : .olderVersion,
                "the backup was made by another version of Sluice, whose vaults are other than these",
                remedies: [isNewer ? .updateSluice : .other("use that version")])
        }
        for table in tables {
            guard let count = reader.count() else { throw .noBackup("it was cut short") }
            for _ in 0..<count {
                var row: [Value] = []
                for _ in 0..<table.columnCount {
                    guard let value = reader.value() else { throw .noBackup("it was cut short") }
                    row.append(value)
                }
                rows[table.name, default: []].append(row)
            }
        }
        guard reader.bytes.isEmpty else { throw .noBackup("it is too long") }
    }

    init() {}

    private static func append(_ count: Int, to bytes: inout [UInt8]) {
        for shift in [24, 16, 8, 0] { bytes.append(UInt8(truncatingIfNeeded: count >> shift)) }
    }

    private static func append(_ value: Value, to bytes: inout [UInt8]) {
        switch value {
        case .null: bytes.append(0)
        case .integer(let number):
            bytes.append(1)
            for shift in stride(from: 56, through: 0, by: -8) {
                bytes.append(UInt8(truncatingIfNeeded: number >> Int64(shift)))
            }
        case .text(let text):
            bytes.append(2)
            append(text.utf8.count, to: &bytes)
            bytes.append(contentsOf: text.utf8)
        case .blob(let blob):
            bytes.append(3)
            append(blob.count, to: &bytes)
            bytes.append(contentsOf: blob)
        }
    }

    private struct Reader {
        var bytes: ArraySlice<UInt8>

        mutating func take(_ count: Int) -> ArraySlice<UInt8>? {
            guard bytes.count >= count else { return nil }
            defer { bytes = bytes.dropFirst(count) }
            return bytes.prefix(count)
        }

        mutating func number(_ byteCount: Int) -> UInt64? {
            take(byteCount).map { $0.reduce(0) { $0 << 8 | UInt64($1) } }
        }

        mutating func count() -> Int? { number(4).map(Int.init) }

        mutating func value() -> Value? {
            switch take(1)?.first {
            case 0: .null
            case 1: number(8).map { .integer(Int64(bitPattern: $0)) }
            case 2: count().flatMap { take($0) }.map { .text(String(decoding: $0, as: UTF8.self)) }
            case 3: count().flatMap { take($0) }.map { .blob(Array($0)) }
            default: nil
            }
        }
    }
}

extension BackupContents.Value {
    var number: Int64? { if case .integer(let number) = self { number } else { nil } }
    var text: String { if case .text(let text) = self { text } else { "" } }
    var blob: [UInt8] { if case .blob(let blob) = self { blob } else { [] } }
}
