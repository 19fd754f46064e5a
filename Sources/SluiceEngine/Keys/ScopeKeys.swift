internal import SluiceFormat
internal import SluiceNative

/// The keys of one scope, derived from its scope key (FORMAT section 4). Thread-safe.
final class ScopeKeys: Sendable {
    /// What the vault's anchor and the scope's row must say, or the scope key is not the scope's.
    let commitment: [UInt8]
    /// Goes into every object's derivation beside its data key.
    let objectRoot: SecretBytes
    /// Keys the documents.
    let documentRoot: SecretBytes
    /// Keys the name tags.
    let tagKey: SecretBytes
    /// Keys the authentication code of the scope's row.
    let recordKey: SecretBytes

    init(
        scopeKey: borrowing SecretBytes, storeID: [UInt8], scopeID: [UInt8], library: CryptoLibrary
    ) throws(CryptoError) {
        let salt = KeyInfo.scopeSalt(storeID: storeID, scopeID: scopeID)
        let info = KeyInfo.scope
        var derived = SecretBytes(byteCount: KeyInfo.scopeByteCount)
        try scopeKey.withBytes { secret throws(CryptoError) in
            try derived.withMutableBytes { output throws(CryptoError) in
                try library.hkdfSHA256(
                    secret: secret, salt: salt.span, info: info.span, into: &output)
            }
        }
        commitment = derived.withBytes { [UInt8](copying: $0.extracting(0..<32)) }
        objectRoot = derived.withBytes { SecretBytes(copying: $0.extracting(32..<64)) }
        documentRoot = derived.withBytes { SecretBytes(copying: $0.extracting(64..<96)) }
        tagKey = derived.withBytes { SecretBytes(copying: $0.extracting(96..<128)) }
        recordKey = derived.withBytes { SecretBytes(copying: $0.extracting(128..<160)) }
    }
}
