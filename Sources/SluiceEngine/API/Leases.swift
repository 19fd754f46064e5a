internal import SluiceFormat
internal import SluiceNative

/// Names a lease to whoever has it: a UUID, in lowercase hexadecimal digits.
public struct LeaseID: Hashable, Sendable, CustomStringConvertible {
    let bytes: [UInt8]

    init(bytes: [UInt8]) { self.bytes = bytes }

    /// The id that this is the text of, with or without hyphens; nil if it is none.
    public init?(_ text: String) {
        let digits = text.utf8.filter { $0 != UInt8(ascii: "-") }
        guard let bytes = [UInt8](hexadecimal: String(decoding: digits, as: UTF8.self)),
            bytes.count == Format.identifierByteCount
        else { return nil }
        self.bytes = bytes
    }

    /// The id as text: 8, 4, 4, 4 and 12 digits.
    public var description: String {
        let digits = Array(String(hexadecimal: bytes))
        var (text, start) = ("", 0)
        for count in [8, 4, 4, 4, 12] {
            text += (start == 0 ? "" : "-") + String(digits[start..<start + count])
            start += count
        }
        return text
    }
}

/// Who alone may change an object, and until when.
public struct Lease: Sendable, Equatable {
    /// What has become of it.
    public enum State: String, Sendable, Equatable {
        /// Whoever shows it may change the object, and nobody else.
        case leased
        /// It was broken, and still holds for a while.
        case breaking
        /// It was broken, and holds no longer.
        case broken
        /// Its time is over; it can be renewed while nobody else has acquired another.
        case expired
    }

    /// Its id.
    public let id: LeaseID
    /// How long it lasts from when it was renewed; nil if it has no end.
    public let duration: Duration?
    /// What has become of it.
    public let state: State
    /// When it ends, or has ended, in milliseconds since 1970; nil if it has no end.
    public let endMilliseconds: Int?

    init(_ lease: StateDocument.Lease, now: Int) {
        id = LeaseID(bytes: lease.id)
        duration = lease.seconds == 0 ? nil : .seconds(lease.seconds)
        let end = lease.seconds == 0 ? nil : lease.renewedMilliseconds + lease.seconds * 1000
        if let broken = lease.brokenMilliseconds {
            endMilliseconds = broken
            state = now < broken ? .breaking : .broken
        } else {
            endMilliseconds = end
            state = end.map { now < $0 } ?? true ? .leased : .expired
        }
    }

    /// Whether it keeps others from changing the object.
    public var isActive: Bool { state == .leased || state == .breaking }
}

/// Until when nobody may change an object.
public struct ObjectHold: Sendable, Equatable {
    /// Until when it is retained, in milliseconds since 1970; nil if it isn't.
    public var untilMilliseconds: Int?
    /// Whether that time can be put off, but neither brought forward nor taken back.
    public var isLocked: Bool
    /// Whether it is held until that is taken back, whatever the time is.
    public var isHeld: Bool

    /// Nothing holds it, but for what is given.
    public init(untilMilliseconds: Int? = nil, isLocked: Bool = false, isHeld: Bool = false) {
        self.untilMilliseconds = untilMilliseconds
        self.isLocked = isLocked
        self.isHeld = isHeld
    }
}
