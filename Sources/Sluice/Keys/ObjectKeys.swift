internal import SluiceFormat
internal import SluiceNative

/// The keys of one object version (FORMAT section 4). Immutable, thread-safe, wiped when released.
final class ObjectKeys: Sendable {
    /// Seals the chunks.
    let chunkKey: SecretBytes
    /// Seals the pages of the chunk table.
    let tableKey: SecretBytes
    /// Ties the ciphertext to these keys alone.
    let commitment: [UInt8]

    init(
        dataKey: borrowing SecretBytes, scope: ScopeKeys, objectID: [UInt8], chunkSize: ChunkSize,
        codec: Codec, library: CryptoLibrary
    ) throws(CryptoError) {
        var secret = SecretBytes(byteCount: 2 * Format.keyByteCount)
        dataKey.withBytes { dataKey in
            scope.objectRoot.withBytes { root in
                secret.withMutableBytes { secret in
                    for place in 0..<Format.keyByteCount {
                        secret[place] = dataKey[place]
                        secret[Format.keyByteCount + place] = root[place]
                    }
                }
            }
        }
        let info = KeyInfo.object(chunkSize: chunkSize, codec: codec)
        var derived = SecretBytes(byteCount: KeyInfo.objectByteCount)
        try secret.withBytes { secret throws(CryptoError) in
            try derived.withMutableBytes { output throws(CryptoError) in
                try library.hkdfSHA256(
                    secret: secret, salt: objectID.span, info: info.span, into: &output)
            }
        }
        chunkKey = derived.withBytes { SecretBytes(copying: $0.extracting(0..<32)) }
        tableKey = derived.withBytes { SecretBytes(copying: $0.extracting(32..<64)) }
        commitment = derived.withBytes { [UInt8](copying: $0.extracting(64..<96)) }
    }
}
