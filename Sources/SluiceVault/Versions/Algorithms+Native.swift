internal import SluiceAccess
internal import SluiceNative

// What the words of Key Vault are to the cryptographic library.

extension EncryptionAlgorithm {
    var padding: RSAPadding {
        switch self {
        case .rsa1_5: .pkcs1
        case .rsaOAEP: .oaepSHA1
        case .rsaOAEP256: .oaepSHA256
        }
    }
}

extension SignatureAlgorithm {
    /// How RSA signs; of the curves' algorithms nothing is to be said but the curve.
    var padding: RSASignaturePadding {
        switch self {
        case .ps256, .ps384, .ps512: .pss
        default: .pkcs1
        }
    }

    var digest: DigestAlgorithm {
        switch digestByteCount {
        case 32: .sha256
        case 48: .sha384
        default: .sha512
        }
    }
}

extension KeyKind {
    /// nil for RSA.
    var ellipticCurve: EllipticCurve? {
        switch self {
        case .p256: .p256
        case .p384: .p384
        case .p521: .p521
        case .p256K: .secp256k1
        case .rsa2048, .rsa3072, .rsa4096: nil
        }
    }

    /// Makes a new key.
    func generate(_ library: CryptoLibrary) throws(CryptoError) -> PrivateKey {
        if let ellipticCurve { return .elliptic(try .generate(ellipticCurve, library)) }
        return .rsa(try .generate(library, bitCount: modulusBitCount ?? 2048))
    }
}

extension PrivateKey {
    /// The public half as a vault stores it.
    var storedPublicKey: StoredPublicKey {
        switch self {
        case .rsa(let key):
            let (modulus, exponent) = (key.publicKey.modulus, key.publicKey.exponent)
            let kind = KeyKind.allCases.first { $0.modulusBitCount == modulus.count * 8 }
            return StoredPublicKey(
                kind ?? .rsa2048, .rsa(modulus: modulus, exponent: exponent))
        case .elliptic(let key):
            let kind = KeyKind.allCases.first { $0.ellipticCurve == key.publicKey.curve }
            return StoredPublicKey(
                kind ?? .p256, .elliptic(x: key.publicKey.x, y: key.publicKey.y))
        }
    }
}
