internal import COpenSSL
internal import Synchronization

/// AES-256-GCM (NIST SP 800-38D) with 96-bit nonces and 128-bit tags: one context that is made
/// once, keyed per object and nonced per chunk. One thread at a time.
///
/// A nonce must be used for sealing at most once under a key: the caller sees to that. No call
/// allocates, except the first after `init` or `forgetKey`. Sealing, opening and forgetting never
/// leave plaintext that wasn't authenticated.
///
/// The key schedule lies in OpenSSL's context, outside the arena; `forgetKey` and `deinit` wipe it.
@safe public struct AES256GCM: ~Copyable, @unchecked Sendable {
    /// The length of a key in bytes.
    public static let keyByteCount = 32

    /// The length of a tag in bytes: how much longer the sealed bytes are than the plaintext.
    public static let tagByteCount = 16

    private let library: CryptoLibrary
    private let context: OpaquePointer
    private var isKeyed = false

    /// Makes a context without a key.
    public init(_ library: CryptoLibrary) throws(CryptoError) {
        guard let context = unsafe EVP_CIPHER_CTX_new() else {
            throw .libraryFailure("EVP_CIPHER_CTX_new")
        }
        self.library = library
        unsafe self.context = context
    }

    deinit {
        unsafe EVP_CIPHER_CTX_free(context)
    }

    /// Computes a key's schedule, in place of the last one's: 0.2 µs.
    ///
    /// - Parameter key: 32 bytes, the caller's to wipe.
    public mutating func setKey(_ key: Span<UInt8>) throws(CryptoError) {
        defer { clearVectorRegisters() }
        precondition(key.count == Self.keyByteCount, "a key of \(key.count) bytes")
        // GCM encrypts counters in both directions, so that one schedule serves both.
        let cipher = unsafe isKeyed ? nil : library.aes256GCM
        let isSet = unsafe key.withUnsafeBufferPointer { key in
            unsafe EVP_CipherInit_ex2(context, cipher, key.baseAddress, nil, 1, nil) == 1
        }
        guard isSet else {
            forgetKey()
            throw .libraryFailure("EVP_CipherInit_ex2")
        }
        isKeyed = true
    }

    /// Wipes the key schedule.
    public mutating func forgetKey() {
        // Frees the cipher's state, which OpenSSL clears first, and keeps the context.
        _ = unsafe EVP_CIPHER_CTX_reset(context)
        isKeyed = false
    }

    /// Seals a plaintext under the key that was set.
    ///
    /// - Parameters:
    ///   - plaintext: May be empty.
    ///   - nonce: Never used before under this key.
    ///   - authenticating: Associated data, authenticated and not stored; may be empty.
    ///   - sealed: Exactly 16 bytes longer than `plaintext`: the ciphertext, then the tag.
    /// - Throws: `library` when OpenSSL fails; `sealed` then holds zeros.
    public mutating func seal(
        _ plaintext: Span<UInt8>, nonce: Nonce96, authenticating: Span<UInt8>,
        into sealed: inout MutableSpan<UInt8>
    ) throws(CryptoError) {
        precondition(sealed.count == plaintext.count + Self.tagByteCount, "sealed length")
        let isSealed = unsafe plaintext.withUnsafeBufferPointer { plaintext in
            unsafe sealed.withUnsafeMutableBufferPointer { sealed in
                unsafe run(
                    .seal, input: plaintext.baseAddress, output: sealed.baseAddress,
                    byteCount: plaintext.count, nonce: nonce, authenticating: authenticating,
                    tag: sealed.baseAddress?.advanced(by: plaintext.count))
            }
        }
        guard isSealed else {
            wipe(&sealed)
            throw .libraryFailure("AES-256-GCM seal")
        }
    }

    /// Opens sealed bytes under the key that was set.
    ///
    /// - Parameters:
    ///   - sealed: The ciphertext, then the tag.
    ///   - nonce: The one it was sealed with.
    ///   - authenticating: The associated data it was sealed with.
    ///   - plaintext: Exactly 16 bytes shorter than `sealed`.
    /// - Throws: `authenticationFailed` when anything differs or `sealed` is shorter than a tag;
    ///   `plaintext` then holds zeros.
    public mutating func open(
        _ sealed: Span<UInt8>, nonce: Nonce96, authenticating: Span<UInt8>,
        into plaintext: inout MutableSpan<UInt8>
    ) throws(CryptoError) {
        guard sealed.count >= Self.tagByteCount else {
            wipe(&plaintext)
            throw .authenticationFailed
        }
        precondition(plaintext.count == sealed.count - Self.tagByteCount, "plaintext length")
        let isOpened = unsafe sealed.withUnsafeBufferPointer { sealed in
            unsafe plaintext.withUnsafeMutableBufferPointer { plaintext in
                // OpenSSL's parameter isn't const, but it only reads the tag.
                unsafe run(
                    .open, input: sealed.baseAddress, output: plaintext.baseAddress,
                    byteCount: plaintext.count, nonce: nonce, authenticating: authenticating,
                    tag: UnsafeMutablePointer(
                        mutating: sealed.baseAddress?.advanced(by: plaintext.count)))
            }
        }
        guard isOpened else {
            wipe(&plaintext)
            ERR_clear_error()
            throw .authenticationFailed
        }
    }

    /// Seals all but the last 16 bytes of a buffer where they are; the tag replaces the last 16.
    ///
    /// - Parameter buffer: At least 16 bytes.
    /// - Throws: `library` when OpenSSL fails; `buffer` then holds zeros.
    public mutating func sealInPlace(
        _ buffer: inout MutableSpan<UInt8>, nonce: Nonce96, authenticating: Span<UInt8>
    ) throws(CryptoError) {
        let byteCount = buffer.count - Self.tagByteCount
        precondition(byteCount >= 0, "no room for the tag")
        guard
            runInPlace(
                .seal, &buffer, byteCount: byteCount, nonce: nonce, authenticating: authenticating)
        else {
            wipe(&buffer)
            throw .libraryFailure("AES-256-GCM seal")
        }
    }

    /// Opens a buffer of ciphertext and tag where it is: all but its last 16 bytes are plaintext
    /// then.
    ///
    /// - Throws: `authenticationFailed` when anything differs or `buffer` is shorter than a tag;
    ///   `buffer` then holds zeros.
    public mutating func openInPlace(
        _ buffer: inout MutableSpan<UInt8>, nonce: Nonce96, authenticating: Span<UInt8>
    ) throws(CryptoError) {
        let byteCount = buffer.count - Self.tagByteCount
        guard byteCount >= 0,
            runInPlace(
                .open, &buffer, byteCount: byteCount, nonce: nonce, authenticating: authenticating)
        else {
            wipe(&buffer)
            ERR_clear_error()
            throw .authenticationFailed
        }
    }

    // MARK: EVP

    private enum Direction: Int32 {
        case open = 0
        case seal = 1
    }

    private func runInPlace(
        _ direction: Direction, _ buffer: inout MutableSpan<UInt8>, byteCount: Int,
        nonce: Nonce96, authenticating: Span<UInt8>
    ) -> Bool {
        unsafe buffer.withUnsafeMutableBufferPointer { buffer in
            unsafe run(
                direction, input: buffer.baseAddress.map { unsafe UnsafePointer($0) },
                output: buffer.baseAddress, byteCount: byteCount, nonce: nonce,
                authenticating: authenticating, tag: buffer.baseAddress?.advanced(by: byteCount))
        }
    }

    /// Seals and writes the tag, or opens and verifies it.
    @unsafe private func run(
        _ direction: Direction, input: UnsafePointer<UInt8>?, output: UnsafeMutablePointer<UInt8>?,
        byteCount: Int, nonce: Nonce96, authenticating: Span<UInt8>,
        tag: UnsafeMutablePointer<UInt8>?
    ) -> Bool {
        defer { clearVectorRegisters() }
        precondition(isKeyed, "no key is set")
        precondition(byteCount <= Int32.max && authenticating.count <= Int32.max)
        switch direction {
        case .seal: CryptoCounters.seals.wrappingAdd(1, ordering: .relaxed)
        case .open: CryptoCounters.opens.wrappingAdd(1, ordering: .relaxed)
        }
        let isNonced = unsafe nonce.span.withUnsafeBufferPointer { nonce in
            unsafe EVP_CipherInit_ex2(
                context, nil, nil, nonce.baseAddress, direction.rawValue, nil) == 1
        }
        let tagByteCount = Int32(Self.tagByteCount)
        guard isNonced,
            unsafe direction == .seal
                || EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, tagByteCount, tag) == 1
        else { return false }
        var writtenByteCount: Int32 = 0
        let isAssociated = unsafe authenticating.withUnsafeBufferPointer { data in
            unsafe data.isEmpty
                || EVP_CipherUpdate(
                    context, nil, &writtenByteCount, data.baseAddress, Int32(data.count)) == 1
        }
        guard isAssociated,
            unsafe byteCount == 0
                || EVP_CipherUpdate(context, output, &writtenByteCount, input, Int32(byteCount))
                    == 1
        else { return false }
        // GCM has nothing left to write.
        var unwritten: UInt8 = 0
        guard unsafe EVP_CipherFinal_ex(context, &unwritten, &writtenByteCount) == 1 else {
            return false
        }
        return unsafe direction == .open
            || EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, tagByteCount, tag) == 1
    }
}
