internal import COpenSSL

/// OpenSSL's error queue of this thread.
enum OpenSSLErrors {
    /// Takes the newest reason that OpenSSL has words for, and empties the queue.
    ///
    /// Reasons are fixed texts of the library; they hold no data. Some releases have none for the
    /// error that says which part of the library failed, above the one that says why.
    static func takeReason() -> String {
        var reason: String?
        var isEmpty = true
        while true {
            let code = ERR_get_error()
            guard code != 0 else { break }
            isEmpty = false
            guard let text = unsafe ERR_reason_error_string(code) else { continue }
            reason = unsafe String(cString: text)
        }
        return reason
            ?? (isEmpty ? "no reason given" : "for a reason that OpenSSL has no words for")
    }
}

extension CryptoError {
    /// An operation failed in libcrypto, for the reason in its error queue.
    static func libraryFailure(_ operation: StaticString) -> CryptoError {
        .library(operation: "\(operation)", reason: OpenSSLErrors.takeReason())
    }
}
