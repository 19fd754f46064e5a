internal import CLinux
internal import Glibc

/// The name of a directory's entry: bytes, which most often are UTF-8 but need not be.
///
/// Compared and ordered as bytes.
public struct FileName: Sendable, Hashable {
    /// The bytes, with the zero that C wants at the end.
    let cString: [CChar]

    /// Takes a name; throws `SystemError.isInvalid` for what would lead elsewhere: an empty name,
    /// `.`, `..`, one with a slash or a NUL byte.
    public init(_ name: String) throws(SystemError) {
        guard !name.isEmpty, name != ".", name != "..", !name.utf8.contains(UInt8(ascii: "/"))
        else {
            throw SystemError(call: "open", path: name, number: EINVAL)
        }
        cString = try SluiceNative.cString(name)
    }

    /// Takes a name as a directory gave it.
    init(cString: [CChar]) {
        self.cString = cString
    }

    /// The bytes of the name.
    public var bytes: [UInt8] { cString.dropLast().map { UInt8(bitPattern: $0) } }

    /// The name as text; nil if it isn't UTF-8.
    public var string: String? { String(validating: bytes, as: UTF8.self) }

    /// The name for a message, repaired where it isn't UTF-8.
    var repairedString: String { String(decoding: bytes, as: UTF8.self) }
}

extension FileName: Comparable {
    /// Orders names as bytes.
    public static func < (left: FileName, right: FileName) -> Bool {
        left.bytes.lexicographicallyPrecedes(right.bytes)
    }
}
