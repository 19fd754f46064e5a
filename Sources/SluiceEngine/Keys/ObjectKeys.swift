internal import SluiceFormat
internal import SluiceNative

/// What authenticates, and yet is not what was asked for.
enum BindingError: Error {
    /// A key is not the one that was committed to.
    case notCommitted
    /// The vault knows a scope with another identity than its row has, or with another key.
    case otherIdentity
    /// A document is another object's.
    case otherName
}

/// The keys of one object version (FORMAT section 4). Immutable, thread-safe, wiped when released.
final class ObjectKeys: Sendable {
    /// Ties the ciphertext to these keys alone.
    let commitment: [UInt8]
    /// The chunk key and the table key, in one piece: a put makes and releases one for each object.
    private let keys: SecretBytes

    init(
        dataKey: borrowing SecretBytes, scope: ScopeKeys, provided: ProvidedKey?,
        objectID: [UInt8], chunkSize: ChunkSize, codec: Codec, library: CryptoLibrary
    ) throws(CryptoError) {
        let width = Format.keyByteCount
        var secret = SecretBytes(byteCount: (provided == nil ? 2 : 3) * width)
        secret.withMutableBytes { secret in
            dataKey.withBytes { secret.copyPrefix(of: $0) }
            scope.objectRoot.withBytes { root in
                for place in 0..<width { secret[width + place] = root[place] }
            }
            provided?.secret.withBytes { provided in
                for place in 0..<width { secret[2 * width + place] = provided[place] }
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
        commitment = derived.withBytes { [UInt8](copying: $0.extracting(64..<96)) }
        keys = derived
    }

    /// Fresh keys, which no data key leads to: those of an extent.
    init(drawnBy library: CryptoLibrary) throws(CryptoError) {
        keys = try library.randomSecret(byteCount: Self.keysByteCount)
        commitment = []
    }

    /// The chunk key and the table key that a table of extents has.
    init(copying keys: Span<UInt8>) {
        self.keys = SecretBytes(copying: keys)
        commitment = []
    }

    /// Copies the chunk key and the table key, for a table of extents: 64 bytes.
    func copy(into output: inout MutableSpan<UInt8>) {
        keys.withBytes { output.copyPrefix(of: $0.extracting(0..<Self.keysByteCount)) }
    }

    /// The keys that a pin or a part holds, sealed; `commitment` is authenticated with them.
    init(
        sealed: [UInt8], commitment: [UInt8], by cipher: inout AES256GCM,
        authenticating binding: [UInt8]
    ) throws(CryptoError) {
        guard sealed.count == Self.keysByteCount + Format.tagByteCount else {
            throw .authenticationFailed
        }
        var opened = SecretBytes(byteCount: Self.keysByteCount)
        try opened.withMutableBytes { output throws(CryptoError) in
            try cipher.open(
                sealed.span, nonce: ChunkNonce.document, authenticating: binding.span,
                into: &output)
        }
        self.commitment = commitment
        keys = opened
    }

    /// The chunk key and the table key, sealed for a pin or a part.
    func sealed(
        by cipher: inout AES256GCM, authenticating binding: [UInt8]
    ) throws(CryptoError) -> [UInt8] {
        try keys.withBytes { keys throws(CryptoError) in
            try [UInt8](filling: Self.keysByteCount + Format.tagByteCount) {
                output throws(CryptoError) in
                try cipher.seal(
                    keys.extracting(0..<Self.keysByteCount), nonce: ChunkNonce.document,
                    authenticating: binding.span, into: &output)
            }
        }
    }

    private static let keysByteCount = 2 * Format.keyByteCount

    /// Keys `cipher` for the chunks.
    func setChunkKey(_ cipher: inout AES256GCM) throws(CryptoError) {
        try keys.withBytes { keys throws(CryptoError) in
            try cipher.setKey(keys.extracting(0..<32))
        }
    }

    /// Keys `cipher` for the pages of the chunk table.
    func setTableKey(_ cipher: inout AES256GCM) throws(CryptoError) {
        try keys.withBytes { keys throws(CryptoError) in
            try cipher.setKey(keys.extracting(32..<64))
        }
    }
}
