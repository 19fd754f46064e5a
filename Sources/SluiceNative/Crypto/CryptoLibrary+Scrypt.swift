internal import COpenSSL

extension CryptoLibrary {
    /// The most memory that `scrypt` may take: 1 GiB.
    public static let scryptLargestByteCount: UInt64 = 1 << 30

    /// Derives key material from a passphrase with scrypt (RFC 7914); safe from any thread.
    ///
    /// It takes 128 · r · (n + p) bytes of memory for the time of the call, outside the arena,
    /// wiped at the end.
    ///
    /// - Parameters:
    ///   - n: The cost, a power of two greater than 1.
    ///   - r: The block size, at least 1.
    ///   - p: The parallelism, at least 1.
    /// - Throws: `invalidParameter` when n, r or p is out of range or asks for more than
    ///   `scryptLargestByteCount`; `fipsUnavailable` under FIPS, which doesn't approve scrypt.
    public func scrypt(
        passphrase: Span<UInt8>, salt: Span<UInt8>, n: UInt64, r: UInt32, p: UInt32,
        into output: inout MutableSpan<UInt8>
    ) throws(CryptoError) {
        guard !isFIPS else { throw .fipsUnavailable(reason: "scrypt isn't approved") }
        guard n > 1, n.nonzeroBitCount == 1, r > 0, p > 0 else {
            throw .invalidParameter(
                operation: "scrypt", reason: "n must be a power of two over 1, r and p positive")
        }
        let blockByteCount = 128 * UInt64(r)
        guard n <= Self.scryptLargestByteCount, UInt64(p) <= Self.scryptLargestByteCount,
            // Two more blocks are working space.
            !blockByteCount.multipliedReportingOverflow(by: n + UInt64(p) + 2).overflow,
            blockByteCount * (n + UInt64(p) + 2) <= Self.scryptLargestByteCount
        else {
            throw .invalidParameter(operation: "scrypt", reason: "it would take over 1 GiB")
        }
        let isDerived = unsafe passphrase.withUnsafeBytes { passphrase in
            unsafe salt.withUnsafeBufferPointer { salt in
                unsafe output.withUnsafeMutableBufferPointer { output in
                    unsafe EVP_PBE_scrypt_ex(
                        passphrase.baseAddress?.assumingMemoryBound(to: CChar.self),
                        passphrase.count, salt.baseAddress, salt.count, n, UInt64(r), UInt64(p),
                        Self.scryptLargestByteCount, output.baseAddress, output.count, context, nil)
                        == 1
                }
            }
        }
        guard isDerived else { throw .libraryFailure("scrypt") }
    }
}
