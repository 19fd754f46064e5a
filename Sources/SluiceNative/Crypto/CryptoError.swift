/// Why a cryptographic operation failed. No case carries a secret.
public enum CryptoError: Error, Equatable {
    /// The tag doesn't match: other bytes, another key, another nonce, or other associated data.
    case authenticationFailed
    /// A sound key that this product doesn't use: another algorithm or size, encrypted, or public
    /// only.
    case unsupportedKey(reason: String)
    /// Not a key, or one whose numbers contradict each other.
    case malformedKey(reason: String)
    /// A wrapped secret can't be unwrapped with this key; why is withheld, as standards ask.
    case unwrapFailed
    /// The FIPS provider is required and can't be had, or doesn't offer the algorithm.
    case fipsUnavailable(reason: String)
    /// The caller's parameters are out of range.
    case invalidParameter(operation: String, reason: String)
    /// libcrypto failed for another reason: out of memory, no entropy, a module in its error state.
    case library(operation: String, reason: String)
}

extension CryptoError {
    /// For people, when the FIPS provider is required and can't be had: why, and what to do next.
    public static func fipsMessage(_ reason: String) -> String {
        "OpenSSL's FIPS provider can't be used (\(reason)): install OpenSSL's FIPS module and "
            + "configure it with `openssl fipsinstall`, as fips_module(7) says, or leave "
            + "--require-fips out"
    }
}
