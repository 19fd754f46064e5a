internal import SluiceAccess
internal import SluiceFormat
internal import SluiceNative
internal import Synchronization

/// A past version of an object, which stays as it is: a snapshot, or what a scope keeps of what is overwritten or removed
/// (``RetentionPolicy``).
///
/// With its object's name it makes a name of its own (``ObjectName/at(_:)``), by which it is read, copied, pinned and
/// removed as an object is; nothing can be written there.
public struct ObjectVersion: Hashable, Sendable, Comparable {
    /// What made it.
    public enum Kind: String, Hashable, Sendable, CaseIterable {
        /// ``Store/snapshot(_:in:if:)``; in a scope that keeps what is removed, also what was overwritten.
        case snapshot
        /// Its object was changed or removed, in a scope that keeps versions.
        case version
        /// Its object was removed, in a scope that keeps what is removed, and no versions.
        case removed

        private static let letters: [Kind: UInt8] = [
            .snapshot: UInt8(ascii: "s"), .version: UInt8(ascii: "v"),
            .removed: UInt8(ascii: "r"),
        ]

        fileprivate var letter: UInt8 { Self.letters[self] ?? 0 }

        fileprivate init?(letter: UInt8) {
            guard let kind = Self.letters.first(where: { $0.value == letter })?.key else {
                return nil
            }
            self = kind
        }
    }

    /// When it was made: it is the only one of its object's with this id and kind.
    public let id: VersionID
    /// What made it.
    public let kind: Kind

    /// A version that an ``ObjectInfo`` named before.
    public init(id: VersionID, kind: Kind) {
        self.id = id
        self.kind = kind
    }

    /// The older first.
    public static func < (a: ObjectVersion, b: ObjectVersion) -> Bool {
        (a.id, a.kind.letter) < (b.id, b.kind.letter)
    }
}

/// When a version was made, in UTC to 100 ns, as text like `2026-11-30T10:25:16.1234567Z`.
public struct VersionID: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// Steps of 100 ns since 1970.
    let number: UInt64

    private static let last = Atomic<UInt64>(0)
    private static let stepsOfSecond: UInt64 = 10_000_000
    /// The end of the year 9999.
    private static let limit: UInt64 = 253_402_300_800 * stepsOfSecond

    init(number: UInt64) { self.number = number }

    /// The id that this is the text of; nil if it is none.
    public init?(_ text: String) {
        let bytes = Array(text.utf8)
        let pattern = Array("0000-00-00T00:00:00.0000000Z".utf8)
        guard bytes.count == pattern.count else { return nil }
        var fields: [Int] = [0]
        for (byte, model) in zip(bytes, pattern) {
            guard model == UInt8(ascii: "0") else {
                guard byte == model else { return nil }
                fields.append(0)
                continue
            }
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
            fields[fields.count - 1] = fields[fields.count - 1] * 10 + Int(byte) - 48
        }
        guard fields[0] >= 1970 else { return nil }
        let days = Self.days(year: fields[0], month: fields[1], day: fields[2])
        let seconds = ((days * 24 + fields[3]) * 60 + fields[4]) * 60 + fields[5]
        guard seconds >= 0 else { return nil }
        number = UInt64(seconds) * Self.stepsOfSecond + UInt64(fields[6])
        // One text for each: no 30th of February.
        guard description == text else { return nil }
    }

    /// An id of now, that this process has not drawn before.
    static func now() -> VersionID {
        let steps = UInt64(clamping: WallClock.nowMilliseconds) * (stepsOfSecond / 1000)
        while true {
            let last = last.load(ordering: .relaxed)
            let number = min(max(steps, last + 1), limit - 1)
            let drawn = Self.last.compareExchange(
                expected: last, desired: number, ordering: .relaxed)
            if drawn.exchanged { return VersionID(number: number) }
        }
    }

    /// The time as text.
    public var description: String {
        let seconds = Int(min(number, Self.limit - 1) / Self.stepsOfSecond)
        let (days, second) = (seconds / 86_400, seconds % 86_400)
        let (year, month, day) = Self.date(days: days)
        func padded(_ value: Int, _ count: Int) -> String {
            let digits = String(value)
            return String(repeating: "0", count: max(0, count - digits.count)) + digits
        }
        return """
            \(padded(year, 4))-\(padded(month, 2))-\(padded(day, 2))T\
            \(padded(second / 3600, 2)):\(padded(second / 60 % 60, 2)):\(padded(second % 60, 2)).\
            \(padded(Int(number % Self.stepsOfSecond), 7))Z
            """
    }

    /// The older first.
    public static func < (a: VersionID, b: VersionID) -> Bool { a.number < b.number }

    // MARK: The calendar

    /// Days from 1970-01-01 to a date of the Gregorian calendar, whose years begin in March here, so that a leap day
    /// is a year's last.
    private static func days(year: Int, month: Int, day: Int) -> Int {
        let year = month <= 2 ? year - 1 : year
        let (era, yearOfEra) = (year / 400, year % 400)
        let dayOfYear = (153 * ((month + 9) % 12) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
            - 719_468
    }

    private static func date(days: Int) -> (year: Int, month: Int, day: Int) {
        let shifted = days + 719_468
        let (era, dayOfEra) = (shifted / 146_097, shifted % 146_097)
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        return (year, month, dayOfYear - (153 * monthFromMarch + 2) / 5 + 1)
    }
}

/// When a version was removed, in a scope that keeps what is removed. It can't be read, until
/// ``Store/restoreVersions(of:in:)`` brings it back.
public struct VersionRemoval: Hashable, Sendable {
    /// When it was removed, in milliseconds since 1970.
    public let removedMilliseconds: Int
    /// When it goes for good, in milliseconds since 1970.
    public let dueMilliseconds: Int

    init(_ note: RemovalNote) {
        removedMilliseconds = note.removedMilliseconds
        dueMilliseconds = note.dueMilliseconds
    }
}

/// What a scope keeps of objects that are overwritten, changed or removed.
public struct RetentionPolicy: Hashable, Sendable {
    /// Whether an object that is overwritten, removed, or given other properties or metadata, stays as a version.
    /// An append, and a change of some of the bytes, leaves none.
    public var keepsVersions: Bool
    /// How long what is removed can be brought back, in whole seconds up to 2^32 - 1: objects, unless they stay as versions,
    /// what they were before they were overwritten, and versions. With zero it is gone at once.
    public var keepsRemovedFor: Duration

    /// Nothing is kept, but for what is given.
    public init(keepsVersions: Bool = false, keepsRemovedFor: Duration = .zero) {
        self.keepsVersions = keepsVersions
        self.keepsRemovedFor = keepsRemovedFor
    }

    var removedSeconds: Int { Int(keepsRemovedFor.components.seconds) }

    var keepsAnything: Bool { keepsVersions || removedSeconds > 0 }
}

extension ObjectName {
    /// The name of one of the object's versions.
    public func at(_ version: ObjectVersion) -> ObjectName {
        ObjectName(
            stored: VersionName.encoded(
                base.utf8, number: version.id.number, kind: version.kind.letter))
    }

    /// The version that this is the name of; nil of an object's own name.
    public var version: ObjectVersion? {
        guard isVersion, let (_, number, letter) = VersionName.decoded(utf8),
            let kind = ObjectVersion.Kind(letter: letter)
        else { return nil }
        return ObjectVersion(id: VersionID(number: number), kind: kind)
    }

    /// The object's own name.
    public var base: ObjectName {
        guard isVersion, let (name, _, _) = VersionName.decoded(utf8) else { return self }
        return ObjectName(stored: name)
    }

    var isVersion: Bool { utf8.first == 0 }

    /// The name in an object's document: its own, or that of a version.
    init(document name: [UInt8]) throws(StoreError) {
        guard name.first == 0 else {
            try self.init(utf8: name)
            return
        }
        guard let (base, _, letter) = VersionName.decoded(name),
            ObjectVersion.Kind(letter: letter) != nil
        else { throw StoreError(.integrity, "the catalog has a name that is none") }
        _ = try ObjectName(utf8: base)
        self.init(stored: name)
    }

    /// Throws ``StoreError/Code/invalidName`` if this is the name of a version.
    func requireOwn() throws(StoreError) {
        guard isVersion else { return }
        throw StoreError(
            .invalidName, "'\(self)' is a version, which stays as it is",
            about: .object(description),
            remedies: [.other("copy it to the name of an object, and change that")])
    }
}
