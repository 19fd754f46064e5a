internal import SluiceAccess

/// A public key as a vault's database holds it, before it was authenticated: the name of its kind, and its numbers one
/// after another, an RSA key's modulus and exponent or a point's coordinates.
struct StoredPublicKey: Hashable, Sendable {
    let kindName: String
    let bytes: [UInt8]

    init(kindName: String, bytes: [UInt8]) {
        self.kindName = kindName
        self.bytes = bytes
    }

    init(_ kind: KeyKind, _ numbers: PublicKeyNumbers) {
        kindName = kind.rawValue
        bytes =
            switch numbers {
            case .rsa(let modulus, let exponent): modulus + exponent
            case .elliptic(let x, let y): x + y
            }
    }

    /// A key's kind and numbers.
    ///
    /// - Throws: `damaged` if the columns can't be those of a key.
    func decoded(
        for key: KeyIdentifier
    ) throws(VaultError) -> (kind: KeyKind, numbers: PublicKeyNumbers) {
        guard let kind = KeyKind(rawValue: kindName) else { throw .noPublicKey(key) }
        if let bitCount = kind.modulusBitCount {
            let exponent = bytes.dropFirst(bitCount / 8)
            guard (1...8).contains(exponent.count) else { throw .noPublicKey(key) }
            return (
                kind, .rsa(modulus: Array(bytes.prefix(bitCount / 8)), exponent: Array(exponent))
            )
        }
        let byteCount = bytes.count / 2
        guard byteCount > 0, byteCount * 2 == bytes.count else { throw .noPublicKey(key) }
        return (
            kind,
            .elliptic(x: Array(bytes.prefix(byteCount)), y: Array(bytes.suffix(byteCount)))
        )
    }
}

extension VaultError {
    fileprivate static func noPublicKey(_ key: KeyIdentifier) -> VaultError {
        VaultError(
            .damaged, "what the vault '\(key.vault)' has as the public key of \(key) is none",
            about: .key(key), remedies: [.restoreVaults])
    }
}
