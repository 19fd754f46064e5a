public import SluiceAccess

/// A key version as Key Vault's REST interface shows it.
public struct KeyBundle: Codable, Hashable, Sendable {
    /// The public key and what it may be used for.
    public let key: JSONWebKey
    /// Validity and times.
    public let attributes: KeyAttributes
    /// The caller's own notes; nil for none.
    public let tags: [String: String]?

    init(key: JSONWebKey, attributes: KeyAttributes, tags: [String: String]) {
        self.key = key
        self.attributes = attributes
        self.tags = tags.isEmpty ? nil : tags
    }
}

/// A public key in JSON (RFC 7517), with Key Vault's additions.
public struct JSONWebKey: Codable, Hashable, Sendable {
    /// The identifier, with its version.
    public let kid: KeyIdentifier
    /// The key type: `RSA` or `EC`.
    public let kty: String
    /// What the key may be used for.
    public let keyOperations: [KeyOperation]
    /// The RSA modulus, big-endian, in base64url; nil for EC, as ``e``.
    public let n: String?
    /// The RSA public exponent, big-endian, in base64url.
    public let e: String?
    /// The curve: `P-256`, `P-384`, `P-521` or `P-256K`; nil for RSA, as ``x`` and ``y``.
    public let crv: String?
    /// The first coordinate of the public point, big-endian, of the curve's length, in base64url.
    public let x: String?
    /// The second coordinate.
    public let y: String?

    private enum CodingKeys: String, CodingKey {
        case kid, kty, n, e, crv, x, y
        case keyOperations = "key_ops"
    }

    init(
        _ kid: KeyIdentifier, _ kind: KeyKind, _ numbers: PublicKeyNumbers,
        _ operations: [KeyOperation]
    ) {
        self.kid = kid
        kty = kind.keyType
        crv = kind.curve
        keyOperations = operations
        switch numbers {
        case .rsa(let modulus, let exponent):
            (n, e) = (Base64.encodeForURL(modulus), Base64.encodeForURL(exponent))
            (x, y) = (nil, nil)
        case .elliptic(let first, let second):
            (n, e) = (nil, nil)
            (x, y) = (Base64.encodeForURL(first), Base64.encodeForURL(second))
        }
    }
}

/// A key or key version in a listing, as Key Vault's REST interface shows it.
public struct KeyItem: Codable, Hashable, Sendable {
    /// The identifier: without a version in a listing of keys, with it in a listing of versions.
    public let kid: KeyIdentifier
    /// Validity and times; of a key, those of its newest version.
    public let attributes: KeyAttributes
    /// The caller's own notes; nil for none.
    public let tags: [String: String]?

    init(kid: KeyIdentifier, attributes: KeyAttributes, tags: [String: String]) {
        self.kid = kid
        self.attributes = attributes
        self.tags = tags.isEmpty ? nil : tags
    }
}

/// The attributes of a key version, as Key Vault's REST interface shows them; times are in seconds since
/// 1970.
public struct KeyAttributes: Codable, Hashable, Sendable {
    /// Whether the version is enabled; otherwise every operation with it is refused.
    public let enabled: Bool
    /// When the version may begin to wrap, if limited.
    public let nbf: Int?
    /// When the version ceases to wrap, if limited; it still unwraps.
    public let exp: Int?
    /// When the version was made.
    public let created: Int
    /// When its attributes, operations or tags were last changed.
    public let updated: Int
    /// What a delete would leave: `Recoverable`, or `Recoverable+Purgeable` without purge protection.
    public let recoveryLevel: String
    /// For how many days a deleted key could be recovered.
    public let recoverableDays: Int
}
