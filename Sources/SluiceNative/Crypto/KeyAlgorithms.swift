/// How RSA encrypts what is shorter than its modulus.
public enum RSAPadding: Sendable {
    /// PKCS #1 v1.5. Whether what was decrypted was padded well is no secret to who decrypts.
    case pkcs1
    /// OAEP with SHA-1 for both hashes, without a label.
    case oaepSHA1
    /// OAEP with SHA-256 for both hashes, without a label.
    case oaepSHA256

    /// How many bytes less than the modulus can be encrypted.
    public var overheadByteCount: Int {
        switch self {
        case .pkcs1: 11
        case .oaepSHA1: 2 * 20 + 2
        case .oaepSHA256: 2 * 32 + 2
        }
    }
}

/// How RSA signs a digest.
public enum RSASignaturePadding: Sendable {
    /// PKCS #1 v1.5.
    case pkcs1
    /// PSS with MGF1 of the digest's own algorithm and a salt as long as the digest.
    case pss
}

/// What made a digest.
public enum DigestAlgorithm: Sendable {
    case sha256
    case sha384
    case sha512

    /// How long its digests are.
    public var byteCount: Int {
        switch self {
        case .sha256: 32
        case .sha384: 48
        case .sha512: 64
        }
    }

    var name: StaticString {
        switch self {
        case .sha256: "SHA2-256"
        case .sha384: "SHA2-384"
        case .sha512: "SHA2-512"
        }
    }

    /// Returns if a digest is as long as those of the algorithm.
    ///
    /// - Throws: `invalidParameter`.
    func require(_ digest: Span<UInt8>, for operation: StaticString) throws(CryptoError) {
        guard digest.count == byteCount else {
            throw .invalidParameter(
                operation: "\(operation)",
                reason: "the digest has \(digest.count) bytes, not \(byteCount)")
        }
    }
}

/// A curve of elliptic keys.
public enum EllipticCurve: CaseIterable, Hashable, Sendable {
    /// NIST P-256, signed with by ECDSA of SHA-256.
    case p256
    /// NIST P-384, signed with by ECDSA of SHA-384.
    case p384
    /// NIST P-521, signed with by ECDSA of SHA-512.
    case p521
    /// secp256k1, signed with by ECDSA of SHA-256. A FIPS provider has it not.
    case secp256k1

    /// The length of a coordinate, of the secret number and of half a signature.
    public var byteCount: Int {
        switch self {
        case .p256, .secp256k1: 32
        case .p384: 48
        case .p521: 66
        }
    }

    /// What makes the digests that are signed.
    public var digest: DigestAlgorithm {
        switch self {
        case .p256, .secp256k1: .sha256
        case .p384: .sha384
        case .p521: .sha512
        }
    }

    /// OpenSSL's name for it.
    var groupName: StaticString {
        switch self {
        case .p256: "prime256v1"
        case .p384: "secp384r1"
        case .p521: "secp521r1"
        case .secp256k1: "secp256k1"
        }
    }

    /// Its number in the stored form.
    var code: UInt8 {
        switch self {
        case .p256: 1
        case .p384: 2
        case .p521: 3
        case .secp256k1: 4
        }
    }
}
