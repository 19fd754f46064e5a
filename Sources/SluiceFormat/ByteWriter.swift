/// Builds the byte strings of the format: big-endian integers, fixed fields, counted fields.
public struct ByteWriter: Sendable {
    /// What has been written.
    public private(set) var bytes: [UInt8] = []

    /// An empty writer with room for `capacity` bytes.
    public init(capacity: Int = 0) {
        bytes.reserveCapacity(capacity)
    }

    /// Appends an integer, big-endian, in its full width.
    public mutating func integer<Integer: FixedWidthInteger>(_ value: Integer) {
        for shift in stride(from: Integer.bitWidth - 8, through: 0, by: -8) {
            bytes.append(UInt8(truncatingIfNeeded: value >> Integer(shift)))
        }
    }

    /// Appends a field whose length the format fixes.
    public mutating func fixed(_ field: [UInt8]) {
        bytes.append(contentsOf: field)
    }

    /// Appends a field whose length the format fixes.
    public mutating func fixed(_ field: ArraySlice<UInt8>) {
        bytes.append(contentsOf: field)
    }

    /// Appends a field of at most 65,535 bytes behind its length as a 16-bit integer.
    public mutating func counted(_ field: [UInt8]) {
        precondition(field.count <= Int(UInt16.max), "a counted field is at most 65,535 bytes")
        integer(UInt16(field.count))
        bytes.append(contentsOf: field)
    }

    /// Appends a text's UTF-8 as a counted field.
    public mutating func counted(_ text: String) {
        counted(Array(text.utf8))
    }
}

/// Reads what ``ByteWriter`` wrote; every read throws ``FormatError/truncated`` past the end.
public struct ByteReader: Sendable {
    private var rest: ArraySlice<UInt8>

    /// A reader at the start of `bytes`.
    public init(_ bytes: [UInt8]) {
        rest = bytes[...]
    }

    /// The next integer, big-endian.
    public mutating func integer<Integer: FixedWidthInteger>(
        _ type: Integer.Type
    ) throws(FormatError) -> Integer {
        var value: Integer = 0
        for byte in try fixed(byteCount: Integer.bitWidth / 8) {
            value = (Integer.bitWidth > 8 ? value << 8 : 0) | Integer(truncatingIfNeeded: byte)
        }
        return value
    }

    /// The next field of a fixed length.
    public mutating func fixed(byteCount: Int) throws(FormatError) -> ArraySlice<UInt8> {
        guard rest.count >= byteCount else { throw .truncated }
        defer { rest = rest.dropFirst(byteCount) }
        return rest.prefix(byteCount)
    }

    /// The next counted field.
    public mutating func counted() throws(FormatError) -> ArraySlice<UInt8> {
        let count = try integer(UInt16.self)
        return try fixed(byteCount: Int(count))
    }

    /// The next counted field as text; not UTF-8 is an ``FormatError/invalidField(_:)``.
    public mutating func countedText(_ field: String) throws(FormatError) -> String {
        let bytes = try counted()
        do {
            return String(copying: try UTF8Span(validating: bytes.span))
        } catch {
            throw .invalidField(field)
        }
    }

    /// Throws ``FormatError/trailingBytes`` unless everything was read.
    public func finish() throws(FormatError) {
        guard rest.isEmpty else { throw .trailingBytes }
    }
}
