internal import COpenSSL

/// OpenSSL's error queue of this thread.
enum OpenSSLErrors {
    /// Takes the newest error's reason and empties the queue.
    ///
    /// Reasons are fixed texts of the library; they hold no data.
    static func takeReason() -> String {
        let code = ERR_peek_last_error()
        ERR_clear_error()
        guard code != 0 else { return "no reason given" }
        guard let reason = unsafe ERR_reason_error_string(code) else {
            return "error 0x" + String(code, radix: 16)
        }
        return unsafe String(cString: reason)
    }
}

extension CryptoError {
    /// An operation failed in libcrypto, for the reason in its error queue.
    static func libraryFailure(_ operation: StaticString) -> CryptoError {
        .library(operation: "\(operation)", reason: OpenSSLErrors.takeReason())
    }
}
