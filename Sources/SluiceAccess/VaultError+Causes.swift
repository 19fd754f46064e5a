package import SluiceNative

extension VaultError {
    /// A failure of the cryptographic library that says nothing about the caller's input.
    package init(_ error: CryptoError, while doing: String) {
        self.init(
            .cryptography,
            "\(doing) failed in the cryptographic library (\(error)): `sluice doctor` shows which "
                + "library is in use")
    }

    /// A failure of the operating system.
    package init(_ error: SystemError, while doing: String) {
        let remedy =
            if let remedy = error.remedyOfLimit {
                remedy
            } else if error.isNoSpace {
                "make room on the disk and try again"
            } else if error.isSymbolicLink {
                "a symbolic link that somebody else has made, or that stands where none may, is not "
                    + "followed; name the place that it leads to"
            } else if error.isPermissionDenied || error.isReadOnly {
                "run it as the user who owns the vaults"
            } else {
                "mend that and try again"
            }
        self.init(
            error.isNoSpace ? .noSpace : .io, "\(doing) failed (\(error)): \(remedy)")
    }
}
