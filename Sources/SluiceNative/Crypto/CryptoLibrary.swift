internal import COpenSSL
internal import Synchronization

/// OpenSSL, as one library context of our own from which every algorithm is fetched, once.
///
/// A process has at most one with the default provider and one with the FIPS provider; they live as
/// long as the process, because OpenSSL keeps a random generator for each thread and context and
/// frees it when the thread ends. Safe from any thread.
@safe public final class CryptoLibrary: @unchecked Sendable {
    /// Whether every algorithm comes from the FIPS provider.
    public let isFIPS: Bool

    let context: OpaquePointer
    let aes256GCM: OpaquePointer
    let sha256: OpaquePointer
    let hmac: OpaquePointer

    /// Idle workers of `hkdfSHA256`.
    let hkdfWorkers = Guarded<[HKDFWorker]>([])

    /// Returns the process's library, loading it at the first call.
    ///
    /// The default provider needs no configuration: `openssl.cnf` has no effect on this context. With
    /// `requireFIPS` it is read into it (it holds the module's checksum), the providers `fips` and
    /// `base` are loaded, and no other provider's algorithm is ever used.
    ///
    /// - Throws: `fipsUnavailable` when FIPS is required and the module isn't installed, fails its
    ///   self test or lacks an algorithm; `library` when OpenSSL can't be initialised.
    public static func load(requireFIPS: Bool) throws(CryptoError) -> CryptoLibrary {
        try loaded.withLock { (loaded) throws(CryptoError) in
            if let library = requireFIPS ? loaded.fips : loaded.standard { return library }
            let library = try CryptoLibrary(requireFIPS: requireFIPS)
            if requireFIPS { loaded.fips = library } else { loaded.standard = library }
            return library
        }
    }

    /// Tells OpenSSL that this process reads no `openssl.cnf`, looks nothing up by the names of
    /// OpenSSL 1, and needs no clean-up at its exit, which saves a short-lived command about 1 ms.
    ///
    /// It binds every user of OpenSSL in the process, so that a command may call it and a library
    /// must not. It works only before anything else has used OpenSSL. A required FIPS provider is
    /// configured all the same.
    public static func initializeForCommand() {
        _ = OPENSSL_init_crypto(
            UInt64(
                OPENSSL_INIT_NO_LOAD_CONFIG | OPENSSL_INIT_NO_ADD_ALL_CIPHERS
                    | OPENSSL_INIT_NO_ADD_ALL_DIGESTS | OPENSSL_INIT_NO_ATEXIT), nil)
    }

    // MARK: Loading

    private struct Loaded {
        var standard: CryptoLibrary?
        var fips: CryptoLibrary?
    }

    private static let loaded = Mutex(Loaded())

    private init(requireFIPS: Bool) throws(CryptoError) {
        guard let context = unsafe OSSL_LIB_CTX_new() else {
            throw .libraryFailure("OSSL_LIB_CTX_new")
        }
        do {
            try unsafe Self.loadProviders(context, requireFIPS: requireFIPS)
            unsafe (aes256GCM, sha256, hmac) = try Self.fetchAlgorithms(
                context, requireFIPS: requireFIPS)
        } catch {
            // No thread has used the context's random generators yet.
            unsafe OSSL_LIB_CTX_free(context)
            throw error
        }
        unsafe self.context = context
        isFIPS = requireFIPS
    }

    @unsafe private static func loadProviders(
        _ context: OpaquePointer, requireFIPS: Bool
    ) throws(CryptoError) {
        guard requireFIPS else {
            guard unsafe OSSL_PROVIDER_load(context, "default") != nil else {
                throw .libraryFailure("OSSL_PROVIDER_load(default)")
            }
            return
        }
        // Some distributions build the module's configuration in and ship no file.
        _ = unsafe OSSL_LIB_CTX_load_config(context, nil)
        guard unsafe OSSL_PROVIDER_load(context, "fips") != nil,
            unsafe OSSL_PROVIDER_load(context, "base") != nil,
            unsafe EVP_default_properties_enable_fips(context, 1) == 1
        else {
            throw .fipsUnavailable(reason: OpenSSLErrors.takeReason())
        }
        ERR_clear_error()
    }

    @unsafe private static func fetchAlgorithms(
        _ context: OpaquePointer, requireFIPS: Bool
    ) throws(CryptoError) -> (aes256GCM: OpaquePointer, sha256: OpaquePointer, hmac: OpaquePointer)
    {
        let fetched = unsafe (
            EVP_CIPHER_fetch(context, "AES-256-GCM", nil), EVP_MD_fetch(context, "SHA2-256", nil),
            EVP_MAC_fetch(context, "HMAC", nil)
        )
        guard let aes256GCM = unsafe fetched.0, let sha256 = unsafe fetched.1,
            let hmac = unsafe fetched.2
        else {
            unsafe EVP_CIPHER_free(fetched.0)
            unsafe EVP_MD_free(fetched.1)
            unsafe EVP_MAC_free(fetched.2)
            let reason = OpenSSLErrors.takeReason()
            throw requireFIPS
                ? .fipsUnavailable(reason: reason)
                : .library(operation: "fetching algorithms", reason: reason)
        }
        return unsafe (aes256GCM, sha256, hmac)
    }
}
