internal import SluiceAccess
internal import SluiceFormat

/// The name of an object: 1 to 4,096 bytes of UTF-8 without NUL.
///
/// Names are compared, and listed, as bytes: `é` in composed and in decomposed form are two names.
/// A `/` makes directories for listings, as in Azure's blob names; nothing else is special.
public struct ObjectName: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// The name's UTF-8; of a version (``at(_:)``), the bytes by which the store has it.
    public let utf8: [UInt8]

    /// Throws ``StoreError/Code/invalidName`` if `name` is empty, too long, or holds a NUL.
    public init(_ name: String) throws(StoreError) {
        try self.init(utf8: Array(name.utf8))
    }

    /// Throws ``StoreError/Code/invalidName``, also if the bytes are not UTF-8.
    public init(utf8 bytes: [UInt8]) throws(StoreError) {
        guard !bytes.isEmpty else {
            throw StoreError(
                .invalidName, "an object's name can't be empty")
        }
        guard bytes.count <= Format.maximumNameByteCount else {
            throw StoreError(
                .invalidName,
                "the name has \(bytes.count) bytes: the most is \(Format.maximumNameByteCount)")
        }
        guard !bytes.contains(0) else {
            throw StoreError(.invalidName, "the name holds a NUL byte, which no name may")
        }
        guard String(validating: bytes, as: UTF8.self) != nil else {
            throw StoreError(
                .invalidName, "the name '\(String(decoding: bytes, as: UTF8.self))' is not UTF-8",
                remedies: [.choose(.otherName)])
        }
        utf8 = bytes
    }

    /// The name of something that is stored, which was checked.
    init(stored bytes: [UInt8]) {
        utf8 = bytes
    }

    /// The name as text; of a version, behind that `@` and its id.
    public var description: String {
        guard let version else { return String(decoding: utf8, as: UTF8.self) }
        return "\(base)@\(version.id)"
    }

    /// Byte order, the order of listings.
    public static func < (a: ObjectName, b: ObjectName) -> Bool {
        a.utf8.lexicographicallyPrecedes(b.utf8)
    }
}

/// The name of a scope: 1 to 63 lowercase letters, digits and `-`, beginning with a letter or digit.
public struct ScopeName: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// The scope that a plain store has.
    public static let `default` = ScopeName(unchecked: "default")

    /// The scope that pins are sealed under; not one to put to.
    package static let pins = ScopeName(unchecked: "sluice-pins")

    /// The name as text.
    public let description: String

    /// Throws ``StoreError/Code/invalidName`` if `name` breaks the rule above.
    public init(_ name: String) throws(StoreError) {
        let allowed = name.utf8.allSatisfy {
            (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2D
        }
        guard allowed, name.utf8.first != 0x2D,
            (1...Format.maximumScopeNameByteCount).contains(name.utf8.count)
        else {
            throw StoreError(
                .invalidName,
                "'\(name)' is not a scope name: it has 1 to 63 lowercase letters, digits and hyphens",
                about: .scope(name))
        }
        description = name
    }

    private init(unchecked name: String) {
        description = name
    }

    /// The order of listings.
    public static func < (a: ScopeName, b: ScopeName) -> Bool { a.description < b.description }
}

/// Names that a program spells out: one that breaks the rules is a programming error, and ends it.
extension ObjectName: ExpressibleByStringLiteral {
    /// The name that the literal spells.
    public init(stringLiteral text: String) {
        do throws(StoreError) {
            try self.init(text)
        } catch {
            preconditionFailure(error.message)
        }
    }
}

extension ScopeName: ExpressibleByStringLiteral {
    /// The name that the literal spells.
    public init(stringLiteral text: String) {
        do throws(StoreError) {
            try self.init(text)
        } catch {
            preconditionFailure(error.message)
        }
    }
}
