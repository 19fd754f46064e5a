internal import COpenSSL
internal import Synchronization

extension CryptoLibrary {
    /// Derives key material with HKDF-SHA-256 (RFC 5869, extract and expand).
    ///
    /// It is composed of the provider's HMAC, because OpenSSL 3.0's own HKDF looks algorithms up at
    /// every call and takes more than twice as long (2.7 µs where this was measured at 1.1). Safe
    /// from any thread; intermediate keys are wiped.
    ///
    /// - Parameters:
    ///   - secret: The input keying material.
    ///   - salt: May be empty.
    ///   - info: What the key is for; may be empty.
    ///   - output: Up to 8,160 bytes.
    public func hkdfSHA256(
        secret: Span<UInt8>, salt: Span<UInt8>, info: Span<UInt8>,
        into output: inout MutableSpan<UInt8>
    ) throws(CryptoError) {
        precondition(output.count <= 255 * HKDFWorker.digestByteCount, "HKDF's limit")
        let worker: HKDFWorker
        if let idle = hkdfWorkers.withLock({ $0.popLast() }) {
            worker = idle
        } else {
            worker = try HKDFWorker(self)
        }
        let isDerived = worker.derive(secret: secret, salt: salt, info: info, into: &output)
        guard isDerived else {
            wipe(&output)
            throw .libraryFailure("HKDF")
        }
        hkdfWorkers.withLock { $0.append(worker) }
    }
}

/// An HMAC context for HKDF, used by one thread at a time.
@safe final class HKDFWorker: @unchecked Sendable {
    static let digestByteCount = 32

    private let context: OpaquePointer
    /// The pseudorandom key; the last block; zeros, as the key of an empty salt and of an idle
    /// context.
    private let scratch = SecretBytes(byteCount: 3 * digestByteCount)

    init(_ library: CryptoLibrary) throws(CryptoError) {
        unsafe context = try HMACSHA256.makeContext(library)
    }

    deinit {
        unsafe EVP_MAC_CTX_free(context)
    }

    func derive(
        secret: Span<UInt8>, salt: Span<UInt8>, info: Span<UInt8>,
        into output: inout MutableSpan<UInt8>
    ) -> Bool {
        defer { clearVectorRegisters() }
        let digestByteCount = Self.digestByteCount
        let pseudorandomKey = unsafe scratch.start
        let block = unsafe pseudorandomKey + digestByteCount
        let zeros = unsafe block + digestByteCount
        defer {
            unsafe pseudorandomKey.update(repeating: 0, count: 2 * digestByteCount)
            // Replaces the key schedule, without giving the context back.
            _ = unsafe EVP_MAC_init(context, zeros, digestByteCount, nil)
        }
        return unsafe salt.withUnsafeBufferPointer { salt in
            unsafe secret.withUnsafeBufferPointer { secret in
                unsafe info.withUnsafeBufferPointer { info in
                    // An empty key is the same as one of zeros, but OpenSSL takes it for "the last
                    // one".
                    let key =
                        unsafe salt.isEmpty
                        ? UnsafeBufferPointer(start: zeros, count: digestByteCount) : salt
                    guard unsafe EVP_MAC_init(context, key.baseAddress, key.count, nil) == 1,
                        unsafe update(secret.baseAddress, secret.count),
                        unsafe finish(into: pseudorandomKey),
                        unsafe EVP_MAC_init(context, pseudorandomKey, digestByteCount, nil) == 1
                    else { return false }
                    return unsafe output.withUnsafeMutableBufferPointer { output in
                        unsafe expand(info: info, block: block, into: output)
                    }
                }
            }
        }
    }

    @unsafe private func expand(
        info: UnsafeBufferPointer<UInt8>, block: UnsafeMutablePointer<UInt8>,
        into output: UnsafeMutableBufferPointer<UInt8>
    ) -> Bool {
        let digestByteCount = Self.digestByteCount
        var offset = 0
        var counter: UInt8 = 1
        while offset < output.count {
            if offset > 0 {
                guard unsafe EVP_MAC_init(context, nil, 0, nil) == 1,
                    unsafe update(block, digestByteCount)
                else { return false }
            }
            guard unsafe update(info.baseAddress, info.count), unsafe update(&counter, 1),
                unsafe finish(into: block)
            else { return false }
            let byteCount = min(digestByteCount, output.count - offset)
            unsafe output.baseAddress?.advanced(by: offset).update(from: block, count: byteCount)
            offset += byteCount
            counter &+= 1
        }
        return true
    }

    @unsafe private func update(_ bytes: UnsafePointer<UInt8>?, _ byteCount: Int) -> Bool {
        unsafe byteCount == 0 || EVP_MAC_update(context, bytes, byteCount) == 1
    }

    @unsafe private func finish(into digest: UnsafeMutablePointer<UInt8>) -> Bool {
        unsafe EVP_MAC_final(context, digest, nil, Self.digestByteCount) == 1
    }
}
