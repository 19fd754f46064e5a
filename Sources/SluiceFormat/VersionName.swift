/// The names under which past versions of objects stand (FORMAT section 7): NUL, `/`, the object's name, NUL, `/`, the
/// version's number as 16 hexadecimal digits, and a letter for its kind. No object's own name holds a NUL.
///
/// So the versions of one name are what is in one directory, in the order of their numbers, and all versions are below
/// one that no listing of objects enters.
public enum VersionName {
    /// The directory that all versions are below.
    public static let root: [UInt8] = [0, slash]
    /// Bytes that a version's name has more than its object's.
    static let additionalByteCount = root.count + 2 + digitCount + 1

    private static let slash = UInt8(ascii: "/")
    private static let digitCount = 16

    /// The directory of a name's versions.
    public static func directory(ofVersionsOf name: [UInt8]) -> [UInt8] {
        root + name + [0, slash]
    }

    /// The name of a version.
    public static func encoded(_ name: [UInt8], number: UInt64, kind: UInt8) -> [UInt8] {
        var digits: [UInt8] = []
        for place in (0..<digitCount).reversed() {
            let digit = UInt8(truncatingIfNeeded: number >> UInt64(4 * place)) & 15
            digits.append(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10)
        }
        return directory(ofVersionsOf: name) + digits + [kind]
    }

    /// Whether bytes can be a name that is stored: an object's own, or a version's.
    static func isStored(_ bytes: Span<UInt8>, _ name: Range<Int>) -> Bool {
        let own = place(ofOwnNameIn: bytes, name) ?? name
        guard 1...Format.maximumNameByteCount ~= own.count else { return false }
        return own != name || bytes[name.lowerBound] != 0
    }

    /// Where the name of a version's object is in the version's; nil if that is none.
    private static func place(ofOwnNameIn bytes: Span<UInt8>, _ name: Range<Int>) -> Range<Int>? {
        guard name.count > additionalByteCount else { return nil }
        let own = name.lowerBound + root.count..<name.upperBound - digitCount - 3
        let digits = own.upperBound + 2..<name.upperBound - 1
        let isOne =
            bytes[name.lowerBound] == 0 && bytes[name.lowerBound + 1] == slash
            && bytes[own.upperBound] == 0 && bytes[own.upperBound + 1] == slash
            && own.allSatisfy { bytes[$0] != 0 }
            && digits.allSatisfy { value(ofDigit: bytes[$0]) != nil }
        return isOne ? own : nil
    }

    private static func value(ofDigit digit: UInt8) -> UInt64? {
        switch digit {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt64(digit - UInt8(ascii: "0"))
        case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt64(digit - UInt8(ascii: "a") + 10)
        default: nil
        }
    }

    /// What a version's name says; nil if it is none.
    public static func decoded(
        _ bytes: [UInt8]
    ) -> (name: [UInt8], number: UInt64, kind: UInt8)? {
        guard let own = place(ofOwnNameIn: bytes.span, bytes.indices), let kind = bytes.last
        else { return nil }
        let number = bytes.dropLast().suffix(digitCount)
            .reduce(UInt64(0)) { $0 << 4 | (value(ofDigit: $1) ?? 0) }
        return (Array(bytes[own]), number, kind)
    }
}

/// When a version was removed, and when it goes for good, in milliseconds since 1970: the value of
/// ``ObjectProperty/removal``.
public struct RemovalNote: Equatable, Sendable {
    /// When it was removed.
    public var removedMilliseconds: Int
    /// When it goes for good.
    public var dueMilliseconds: Int

    static let byteCount = 16

    /// A note with these times.
    public init(removedMilliseconds: Int, dueMilliseconds: Int) {
        self.removedMilliseconds = removedMilliseconds
        self.dueMilliseconds = dueMilliseconds
    }

    /// The note's bytes.
    public func encoded() -> [UInt8] {
        var writer = ByteWriter(capacity: Self.byteCount)
        writer.integer(Int64(removedMilliseconds))
        writer.integer(Int64(dueMilliseconds))
        return writer.bytes
    }

    /// The note in `bytes`.
    public init(decoding bytes: [UInt8]) throws(FormatError) {
        var reader = ByteReader(bytes)
        removedMilliseconds = Int(try reader.integer(Int64.self))
        dueMilliseconds = Int(try reader.integer(Int64.self))
        try reader.finish()
    }
}
