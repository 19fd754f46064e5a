/// Something that nobody may come by where it has no business.
struct Secret {
    /// Where each may be found is said by kind.
    enum Kind: String, Hashable {
        case rootKey = "the root key"
        case sealingKey = "a key that seals a private key"
        case passphrase = "the passphrase"
        case privateKey = "a number of a private key"
        case scopeKey = "a scope key"
        /// Keys that contexts hold while a store is open.
        case contextKey = "the tag key or document root of a scope"
        case dataKey = "a data key"
        case objectKey = "a chunk key or table key"
        case content = "content of a large object"
        case smallContent = "content of a small object"
        case name = "a name"
        case metadata = "a content type or metadata"
    }

    let kind: Kind
    let bytes: [UInt8]

    init(_ kind: Kind, _ bytes: [UInt8]) {
        self.kind = kind
        self.bytes = bytes
    }
}

/// Finds any eight bytes of any secret, at whatever place, in one pass.
///
/// A secret is cut into windows of eight bytes, each of which gives it away: what has overwritten a part
/// of it hides nothing. Windows with several zeros aren't telling, and left out.
struct SecretSearch {
    private var kinds: [UInt64: Secret.Kind] = [:]
    /// Whether any window ends with these two bytes.
    private var endings = [Bool](repeating: false, count: 1 << 16)

    private static let windowByteCount = 8

    init(_ secrets: [Secret]) {
        for secret in secrets {
            var start = 0
            while start + Self.windowByteCount <= secret.bytes.count {
                let window = secret.bytes[start..<start + Self.windowByteCount]
                start += Self.windowByteCount
                guard window.count(where: { $0 == 0 }) < 3 else { continue }
                let value = window.reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
                kinds[value] = secret.kind
                endings[Int(value & 0xFFFF)] = true
            }
        }
    }

    /// What is found in bytes, and how often.
    func find(in bytes: [UInt8], into found: inout [Secret.Kind: Int]) {
        var window: UInt64 = 0
        var index = 0
        // Without an iterator: without optimization it takes three times as long.
        while index < bytes.count {
            window = window << 8 | UInt64(truncatingIfNeeded: bytes[index])
            index += 1
            if endings[Int(truncatingIfNeeded: window & 0xFFFF)], let kind = kinds[window] {
                found[kind, default: 0] += 1
            }
        }
    }
}
