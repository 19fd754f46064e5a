internal import SluiceNative

/// Names one pin: 32 hex digits.
public struct PinID: Hashable, Sendable, CustomStringConvertible {
    /// The id as text.
    public let description: String

    /// An id that a ``PinInfo`` gave before.
    public init(_ text: String) { description = text.lowercased() }

    init(bytes: [UInt8]) { description = String(hexadecimal: bytes) }
}

/// A pin: one version of an object that stays readable, whatever becomes of the object and its key.
public struct PinInfo: Sendable, Equatable {
    /// The pin's id.
    public let id: PinID
    /// The scope that the object was in.
    public let scope: ScopeName
    /// The object as it was when it was pinned.
    public let object: ObjectInfo
    /// When it was pinned, in milliseconds since 1970.
    public let pinnedMilliseconds: Int
}
