/// A key's algorithm, with its size or its curve.
public enum KeyKind: String, CaseIterable, Hashable, Sendable {
    case rsa2048 = "RSA-2048"
    case rsa3072 = "RSA-3072"
    case rsa4096 = "RSA-4096"
    case p256 = "P-256"
    case p384 = "P-384"
    case p521 = "P-521"
    /// secp256k1.
    case p256K = "P-256K"

    /// What a store's data can be under, as the service has it for encryption at rest.
    public static let ofStores: [KeyKind] = [.rsa2048]

    /// Reads what Key Vault calls a kind, in any case; what isn't said is 2048 bits, or P-256.
    ///
    /// - Parameters:
    ///   - keyType: `RSA` or `EC`.
    ///   - bitCount: Of RSA.
    ///   - curve: Of EC: `P-256`, `P-384`, `P-521` or `P-256K`.
    /// - Throws: `unsupportedKey`, with the reason.
    public init(
        keyType: String, bitCount: Int? = nil, curve: String? = nil
    ) throws(VaultError) {
        let kind: KeyKind?
        let reason: String
        switch keyType.uppercased() {
        case "RSA":
            kind = KeyKind(rawValue: "RSA-\(bitCount ?? 2048)")
            reason = "RSA keys of \(bitCount ?? 0) bits are not supported"
        case "EC":
            kind = KeyKind(rawValue: (curve ?? "P-256").uppercased()).flatMap {
                $0.curve == nil ? nil : $0
            }
            reason = "keys on the curve '\((curve ?? "").prefix(40))' are not supported"
        case let type where type.hasSuffix("-HSM"):
            kind = nil
            reason = "hardware keys (\(keyType.prefix(40))) are not supported yet"
        default:
            kind = nil
            reason = "keys of the type '\(keyType.prefix(40))' are not supported"
        }
        guard let kind else {
            throw VaultError(
                .unsupportedKey, reason,
                remedies: [
                    .other(
                        "take RSA of 2048, 3072 or 4096 bits, or EC on P-256, P-384, P-521 or P-256K"
                    )
                ])
        }
        self = kind
    }

    /// The key type, as Key Vault has it: `RSA` or `EC`.
    public var keyType: String { curve == nil ? "RSA" : "EC" }

    /// The curve, as Key Vault has it; nil for RSA.
    public var curve: String? {
        switch self {
        case .rsa2048, .rsa3072, .rsa4096: nil
        case .p256, .p384, .p521, .p256K: rawValue
        }
    }

    /// The bits of an RSA modulus; nil for others.
    package var modulusBitCount: Int? {
        switch self {
        case .rsa2048: 2048
        case .rsa3072: 3072
        case .rsa4096: 4096
        case .p256, .p384, .p521, .p256K: nil
        }
    }

    /// What a key of this kind can be used for, in the order that Key Vault lists it.
    public var operations: [KeyOperation] {
        curve == nil ? KeyOperation.ofKeys : [.sign, .verify]
    }
}

/// A public key as its numbers, each big-endian.
public enum PublicKeyNumbers: Hashable, Sendable {
    /// The modulus, of as many bits as the kind says, and the exponent, without leading zeros.
    case rsa(modulus: [UInt8], exponent: [UInt8])
    /// The coordinates of a point, each of the curve's length.
    case elliptic(x: [UInt8], y: [UInt8])
}

/// How an RSA key encrypts, or wraps, in the words of Key Vault.
public enum EncryptionAlgorithm: String, CaseIterable, Hashable, Sendable {
    /// PKCS #1 v1.5.
    case rsa1_5 = "RSA1_5"
    /// OAEP with SHA-1 for both hashes.
    case rsaOAEP = "RSA-OAEP"
    /// OAEP with SHA-256 for both hashes.
    case rsaOAEP256 = "RSA-OAEP-256"
}

/// How a key signs digests, in the words of JSON Web Signatures (RFC 7518, RFC 8812).
public enum SignatureAlgorithm: String, CaseIterable, Hashable, Sendable {
    case rs256 = "RS256"
    case rs384 = "RS384"
    case rs512 = "RS512"
    case ps256 = "PS256"
    case ps384 = "PS384"
    case ps512 = "PS512"
    case es256 = "ES256"
    case es384 = "ES384"
    case es512 = "ES512"
    case es256K = "ES256K"

    /// How long the digests are that are signed, in bytes.
    public var digestByteCount: Int {
        switch self {
        case .rs256, .ps256, .es256, .es256K: 32
        case .rs384, .ps384, .es384: 48
        case .rs512, .ps512, .es512: 64
        }
    }

    /// The only kind that signs so, if there is one; every RSA key signs in each of the other ways.
    public var kind: KeyKind? {
        switch self {
        case .es256: .p256
        case .es384: .p384
        case .es512: .p521
        case .es256K: .p256K
        case .rs256, .rs384, .rs512, .ps256, .ps384, .ps512: nil
        }
    }
}
