/// A value of a row that was read without SQLite.
enum CarvedValue: Sendable, Equatable {
    case null
    case integer(Int64)
    case bytes([UInt8])
    case text([UInt8])
}

/// A record of a table, found in a page.
struct CarvedRow: Sendable, Equatable {
    var rowID: Int64
    /// The columns in the order of the table's definition; that of the row id is null.
    var values: [CarvedValue]

    /// Decodes a record (a header of serial types, then the values); nil if it isn't one.
    init?(record: [UInt8], rowID: Int64) {
        var reader = RecordReader(record)
        guard let headerByteCount = reader.varint(), headerByteCount >= 1,
            headerByteCount <= record.count
        else { return nil }
        var types: [Int] = []
        while reader.offset < headerByteCount {
            guard let type = reader.varint(), types.count < Self.mostColumns else { return nil }
            types.append(type)
        }
        guard reader.offset == headerByteCount else { return nil }
        values = []
        for type in types {
            guard let value = reader.value(type) else { return nil }
            values.append(value)
        }
        guard reader.offset == record.count else { return nil }
        self.rowID = rowID
    }

    private static let mostColumns = 64
}

/// Reads varints and values from the bytes of a page or a record; nil past their end.
struct RecordReader {
    private let bytes: [UInt8]
    private(set) var offset: Int

    init(_ bytes: [UInt8], at offset: Int = 0) {
        self.bytes = bytes
        self.offset = offset
    }

    /// A varint of at most nine bytes that is not negative.
    mutating func varint() -> Int? {
        signedVarint().flatMap { $0 >= 0 ? Int($0) : nil }
    }

    mutating func signedVarint() -> Int64? {
        var value: UInt64 = 0
        for index in 0..<9 {
            guard offset < bytes.count else { return nil }
            let byte = bytes[offset]
            offset += 1
            if index == 8 { return Int64(bitPattern: value << 8 | UInt64(byte)) }
            value = value << 7 | UInt64(byte & 0x7f)
            if byte & 0x80 == 0 { return Int64(bitPattern: value) }
        }
        return nil
    }

    /// A value of a serial type; floating point is none that a catalog has.
    mutating func value(_ type: Int) -> CarvedValue? {
        switch type {
        case 0: return .null
        case 1...6:
            let byteCount = [1, 2, 3, 4, 6, 8][type - 1]
            guard let bytes = take(byteCount) else { return nil }
            var value: Int64 = bytes.first.map { $0 & 0x80 != 0 ? -1 : 0 } ?? 0
            for byte in bytes { value = value << 8 | Int64(byte) }
            return .integer(value)
        case 8, 9: return .integer(Int64(type - 8))
        case 12...:
            guard let bytes = take((type - 12) / 2) else { return nil }
            return type % 2 == 0 ? .bytes(Array(bytes)) : .text(Array(bytes))
        default: return nil
        }
    }

    private mutating func take(_ byteCount: Int) -> ArraySlice<UInt8>? {
        guard byteCount <= bytes.count - offset else { return nil }
        defer { offset += byteCount }
        return bytes[offset..<offset + byteCount]
    }
}
