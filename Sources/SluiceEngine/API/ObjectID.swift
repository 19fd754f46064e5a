internal import SluiceNative

/// Names the bytes of an object as they were put once: 32 hex digits. A rename and a change of properties keep it; bytes
/// that are put anew have another. It tells no name, and takes no key to be read.
public struct ObjectID: Hashable, Sendable, CustomStringConvertible {
    /// The id as text.
    public let description: String

    /// An id that an ``ObjectInfo`` or an ``ObjectIDEntry`` gave before.
    public init(_ text: String) {
        description = text
    }

    init(bytes: [UInt8]) { description = String(hexadecimal: bytes) }
}
