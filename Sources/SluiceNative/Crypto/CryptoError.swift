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
