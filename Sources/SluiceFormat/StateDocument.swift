/// What holds an object besides its bytes, under its name: a lease, and whether it may be changed at all. It is sealed in
/// a row of `states` (FORMAT section 8), which is there only while it says anything.
public struct StateDocument: Equatable, Sendable {
    /// Who alone may change the object, and until when.
    public struct Lease: Equatable, Sendable {
        /// 16 bytes, which whoever holds it shows.
        public var id: [UInt8]
        /// How long it lasts from when it was renewed; 0 if it has no end.
        public var seconds: Int
        /// When it was last renewed, in milliseconds since 1970.
        public var renewedMilliseconds: Int
        /// When it ends, or has ended, because it was broken; nil if it wasn't.
        public var brokenMilliseconds: Int?

        /// A lease with these.
        public init(
            id: [UInt8], seconds: Int, renewedMilliseconds: Int, brokenMilliseconds: Int? = nil
        ) {
            self.id = id
            self.seconds = seconds
            self.renewedMilliseconds = renewedMilliseconds
            self.brokenMilliseconds = brokenMilliseconds
        }
    }

    /// Until when nobody may change the object.
    public struct Retention: Equatable, Sendable {
        /// In milliseconds since 1970.
        public var untilMilliseconds: Int
        /// Whether it can't be shortened.
        public var isLocked: Bool

        /// A retention with these.
        public init(untilMilliseconds: Int, isLocked: Bool) {
            self.untilMilliseconds = untilMilliseconds
            self.isLocked = isLocked
        }
    }

    /// The lease; nil if there is none.
    public var lease: Lease?
    /// The retention; nil if there is none.
    public var retention: Retention?
    /// Whether nobody may change the object until this is taken back.
    public var isHeld: Bool

    /// A state with these.
    public init(lease: Lease? = nil, retention: Retention? = nil, isHeld: Bool = false) {
        self.lease = lease
        self.retention = retention
        self.isHeld = isHeld
    }

    private enum Flag {
        static let lease: UInt8 = 1
        static let broken: UInt8 = 2
        static let retention: UInt8 = 4
        static let locked: UInt8 = 8
        static let held: UInt8 = 16
    }

    /// Whether there is anything to say: else there is no row.
    public var isEmpty: Bool { self == StateDocument() }

    /// The document's plaintext.
    public func encoded() -> [UInt8] {
        var writer = ByteWriter(capacity: 64)
        writer.integer(Format.version)
        var flags: UInt8 = isHeld ? Flag.held : 0
        if let lease { flags |= Flag.lease | (lease.brokenMilliseconds == nil ? 0 : Flag.broken) }
        if let retention { flags |= Flag.retention | (retention.isLocked ? Flag.locked : 0) }
        writer.integer(flags)
        if let lease {
            writer.fixed(lease.id)
            writer.integer(UInt32(clamping: lease.seconds))
            writer.integer(Int64(lease.renewedMilliseconds))
            if let broken = lease.brokenMilliseconds { writer.integer(Int64(broken)) }
        }
        if let retention { writer.integer(Int64(retention.untilMilliseconds)) }
        return writer.bytes
    }

    /// The document in `bytes`; there is one encoding of each, and any other is refused.
    public init(decoding bytes: [UInt8]) throws(FormatError) {
        var reader = ByteReader(bytes)
        let version = try reader.integer(UInt8.self)
        guard version == Format.version else { throw .unknownVersion(version) }
        let flags = try reader.integer(UInt8.self)
        func has(_ flag: UInt8) -> Bool { flags & flag != 0 }
        guard 1..<2 * Flag.held ~= flags, has(Flag.lease) || !has(Flag.broken),
            has(Flag.retention) || !has(Flag.locked)
        else { throw .invalidField("state flags") }
        isHeld = has(Flag.held)
        if has(Flag.lease) {
            lease = Lease(
                id: Array(try reader.fixed(byteCount: Format.identifierByteCount)),
                seconds: Int(try reader.integer(UInt32.self)),
                renewedMilliseconds: Int(try reader.integer(Int64.self)),
                brokenMilliseconds: has(Flag.broken) ? Int(try reader.integer(Int64.self)) : nil)
        }
        if has(Flag.retention) {
            retention = Retention(
                untilMilliseconds: Int(try reader.integer(Int64.self)), isLocked: has(Flag.locked))
        }
        try reader.finish()
    }
}

/// The associated data of an object's state: its place.
package enum StateBinding {
    private static let label = Array("sluice/2 state row".utf8)

    /// The associated data, from identifiers and tags of 16 bytes and a revision of 32.
    package static func encoded(
        storeID: [UInt8], scopeID: [UInt8], tag: [UInt8], revision: [UInt8]
    ) -> [UInt8] {
        var writer = ByteWriter(capacity: 128)
        writer.counted(label)
        writer.fixed(storeID)
        writer.fixed(scopeID)
        writer.fixed(tag)
        writer.fixed(revision)
        return writer.bytes
    }
}
