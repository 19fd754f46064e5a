package import SluiceNative

extension VaultError {
    /// A failure of the cryptographic library that says nothing about the caller's input.
    package init(_ error: CryptoError, while doing: String) {
        self.init(
            .cryptography, "\(doing) failed in the cryptographic library (\(error))",
            remedies: [.list(.machine)], cause: error)
    }

    /// A failure of the operating system.
    package init(_ error: SystemError, while doing: String) {
        let place = error.path.map { " '\($0)'" } ?? ""
        self.init(
            error.isNoSpace ? .noSpace : .io,
            "\(doing) failed: \(error.call)\(place): \(error.fullReason)",
            about: error.path.map { .file($0) }, remedies: error.remedies, cause: error)
    }
}
