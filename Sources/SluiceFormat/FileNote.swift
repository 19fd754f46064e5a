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

    /// How many bytes a note has.
    static let byteCount = 24

    private static let modeLimit: UInt16 = 0o7777
    private static let nanosecondLimit: UInt32 = 1_000_000_000

    /// A note of these fields, which are in their bounds.
    public init(
        kind: Kind, isSettled: Bool, mode: UInt16, ownerID: UInt32, groupID: UInt32,
        modifiedSeconds: Int64, modifiedNanoseconds: UInt32
    ) {
        self.kind = kind
        self.isSettled = isSettled
        self.mode = mode
        self.ownerID = ownerID
        self.groupID = groupID
        self.modifiedSeconds = modifiedSeconds
        self.modifiedNanoseconds = modifiedNanoseconds
    }

    /// The property's value.
    public func encoded() -> [UInt8] {
        var writer = ByteWriter(capacity: Self.byteCount)
        writer.integer(kind.rawValue)
        writer.integer(isSettled ? 1 as UInt8 : 0)
        writer.integer(mode)
        writer.integer(ownerID)
        writer.integer(groupID)
        writer.integer(modifiedSeconds)
        writer.integer(modifiedNanoseconds)
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
        isSettled = try reader.integer(UInt8.self) == 1
        mode = try reader.integer(UInt16.self)
        ownerID = try reader.integer(UInt32.self)
        groupID = try reader.integer(UInt32.self)
        modifiedSeconds = try reader.integer(Int64.self)
        modifiedNanoseconds = try reader.integer(UInt32.self)
    }

    /// Whether `value` is where a note is in `bytes`. Nothing is copied.
    static func isValid(_ bytes: Span<UInt8>, _ value: Range<Int>) -> Bool {
        guard value.count == byteCount else { return false }
        let start = value.lowerBound
        let mode = UInt16(bytes[start + 2]) << 8 | UInt16(bytes[start + 3])
        var nanoseconds: UInt32 = 0
        for index in start + 20..<start + 24 {
            nanoseconds = nanoseconds << 8 | UInt32(bytes[index])
        }
        return Kind(rawValue: bytes[start]) != nil && bytes[start + 1] <= 1 && mode <= modeLimit
            && nanoseconds < nanosecondLimit
    }
}
