/// What is noted of a file that an object was put from (FORMAT section 7).
public struct FileNote: Equatable, Sendable {
    /// What the file was.
    public enum Kind: UInt8, Sendable {
        case regular = 1
        case directory = 2
        case symbolicLink = 3
    }

    /// What it was.
    public var kind: Kind
    /// Whether its time of modification was old enough, when it was read, to tell every later change.
    public var isSettled: Bool
    /// The permission bits, with set-user-id, set-group-id and sticky: 12 bits.
    public var mode: UInt16
    /// The number of the user who owned it.
    public var ownerID: UInt32
    /// The number of its group.
    public var groupID: UInt32
    /// When it was modified: whole seconds since 1970.
    public var modifiedSeconds: Int64
    /// Nanoseconds beyond them, fewer than 1,000,000,000.
    public var modifiedNanoseconds: UInt32
    /// Its extended attributes, as far as they were kept: ``FileAttributes``.
    public var attributes: [[UInt8]: [UInt8]]
    /// Of a file with several names its link number, 16 bytes that its names have in common; nil of one with a single name.
    public var link: [UInt8]?

    /// How many bytes the fields have that every note has.
    private static let fixedByteCount = 24

    /// What a note says besides them, as bits.
    private static let settled: UInt8 = 1
    private static let hasAttributes: UInt8 = 2
    private static let hasLink: UInt8 = 4

    private static let modeLimit = 0o7777
    private static let nanosecondLimit = 1_000_000_000

    /// A note of these fields, which are in their bounds.
    public init(
        kind: Kind, isSettled: Bool, mode: UInt16, ownerID: UInt32, groupID: UInt32,
        modifiedSeconds: Int64, modifiedNanoseconds: UInt32, attributes: [[UInt8]: [UInt8]] = [:],
        link: [UInt8]? = nil
    ) {
        self.kind = kind
        self.isSettled = isSettled
        self.mode = mode
        self.ownerID = ownerID
        self.groupID = groupID
        self.modifiedSeconds = modifiedSeconds
        self.modifiedNanoseconds = modifiedNanoseconds
        self.attributes = attributes
        self.link = link
    }

    /// The property's value.
    public func encoded() -> [UInt8] {
        var writer = ByteWriter(capacity: Self.fixedByteCount)
        writer.integer(kind.rawValue)
        writer.integer(
            (isSettled ? Self.settled : 0) | (attributes.isEmpty ? 0 : Self.hasAttributes)
                | (link == nil ? 0 : Self.hasLink))
        writer.integer(mode)
        writer.integer(ownerID)
        writer.integer(groupID)
        writer.integer(modifiedSeconds)
        writer.integer(modifiedNanoseconds)
        if !attributes.isEmpty { FileAttributes.encode(attributes, to: &writer) }
        if let link { writer.fixed(link) }
        return writer.bytes
    }

    /// The note in `bytes`; there is one encoding of each, and any other is refused.
    public init(decoding bytes: [UInt8]) throws(FormatError) {
        guard Self.isValid(bytes.span, bytes.indices) else { throw .invalidField("file") }
        var reader = ByteReader(bytes)
        guard let kind = Kind(rawValue: try reader.integer(UInt8.self)) else {
            throw .invalidField("file")
        }
        self.kind = kind
        let flags = try reader.integer(UInt8.self)
        isSettled = flags & Self.settled != 0
        mode = try reader.integer(UInt16.self)
        ownerID = try reader.integer(UInt32.self)
        groupID = try reader.integer(UInt32.self)
        modifiedSeconds = try reader.integer(Int64.self)
        modifiedNanoseconds = try reader.integer(UInt32.self)
        attributes =
            flags & Self.hasAttributes != 0 ? try FileAttributes.decode(from: &reader) : [:]
        link =
            flags & Self.hasLink != 0
            ? Array(try reader.fixed(byteCount: Format.linkByteCount)) : nil
    }

    /// Whether `value` is where a note is in `bytes`. Nothing is copied.
    static func isValid(_ bytes: Span<UInt8>, _ value: Range<Int>) -> Bool {
        var reader = PlaceReader(in: value)
        do throws(FormatError) {
            try check(bytes, &reader)
            try reader.finish()
            return true
        } catch {
            return false
        }
    }

    private static func check(
        _ bytes: Span<UInt8>, _ reader: inout PlaceReader
    ) throws(FormatError) {
        let start = try reader.fixed(fixedByteCount).lowerBound
        var fields = PlaceReader(in: start + 2..<start + 4)
        let mode = try fields.integer(2, bytes)
        fields = PlaceReader(in: start + 20..<start + fixedByteCount)
        let nanoseconds = try fields.integer(4, bytes)
        let flags = bytes[start + 1]
        guard Kind(rawValue: bytes[start]) != nil, flags <= settled | hasAttributes | hasLink,
            mode <= modeLimit, nanoseconds < nanosecondLimit
        else { throw .invalidField("file") }
        if flags & hasAttributes != 0 { try FileAttributes.check(bytes, &reader) }
        if flags & hasLink != 0 { _ = try reader.fixed(Format.linkByteCount) }
    }
}
