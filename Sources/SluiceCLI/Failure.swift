internal import ArgumentParser
internal import Sluice
internal import SluiceNative

/// Why the command ends without having done what was asked: what it prints, and how it exits.
struct Failure: Error {
    /// The name of the error's kind, as `--json` prints it.
    let code: String
    /// What went wrong, and what to do next.
    let message: String
    /// One of `sysexits`, or 130.
    let exitCode: Int32
    /// Whether the message has been printed already, or nobody is there to read it.
    var isQuiet = false

    /// An end with these properties.
    init(code: String, message: String, exitCode: Int32, isQuiet: Bool = false) {
        self.code = code
        self.message = message
        self.exitCode = exitCode
        self.isQuiet = isQuiet
    }

    /// An end with a message of the command's own.
    init(_ code: StoreError.Code, _ message: String) {
        self.init(StoreError(code, message))
    }

    /// A usage error, in the parser's words; programs get the gist.
    init(usage error: any Error, isJSON: Bool) {
        let prefix = "Error: "
        let text = SluiceCommand.fullMessage(for: error)
        self.init(
            code: "usage",
            message: isJSON
                ? SluiceCommand.message(for: error)
                : text.hasPrefix(prefix) ? String(text.dropFirst(prefix.count)) : text,
            exitCode: ExitCode.validationFailure.rawValue)
    }

    /// An end whose reasons have been printed one by one; the first says how to exit.
    init(alreadyReported first: Failure) {
        self = first
        isQuiet = true
    }

    /// OpenSSL, or the FIPS provider that was demanded, can't be loaded.
    init(_ error: CryptoError) {
        let message =
            if case .fipsUnavailable(let reason) = error {
                CryptoError.fipsMessage(reason)
            } else {
                "OpenSSL can't be used (\(error)): install version 3.0 or later anew"
            }
        self.init(.fipsUnavailable, message)
    }

    /// Any error of the libraries.
    init(_ error: any Error) {
        switch error {
        case let error as Failure: self = error
        case let error as StoreError: self.init(error)
        case let error as VaultError: self.init(error)
        case let error as SystemError: self.init(error)
        default: self.init(code: "internal", message: String(describing: error), exitCode: 70)
        }
    }

    /// Whether the parser has thrown it, for a usage error, or because help was asked for.
    static func isParsers(_ error: any Error) -> Bool {
        !(error is Failure || error is StoreError || error is VaultError || error is SystemError)
    }

    private init(_ error: StoreError) {
        code = error.code.description
        message = error.message
        exitCode = error.code.exitCode
        isQuiet = Self.isBrokenPipe(error)
    }

    private init(_ error: VaultError) {
        code = error.code.description
        message = error.message
        exitCode = error.code.exitCode
    }

    private init(_ error: SystemError) {
        let code: StoreError.Code =
            if error.isNotFound || error.isNotDirectory {
                .notFound
            } else if error.isNoSpace {
                .noSpace
            } else {
                .inputOutput
            }
        self.code = code.description
        let what = error.path.map { "\($0): \(error.reason)" } ?? error.description
        message = error.remedyOfLimit.map { "\(what); \($0)" } ?? what
        exitCode = code.exitCode
        isQuiet = error.isBrokenPipe
    }

    /// Whoever closed the pipe knows.
    private static func isBrokenPipe(_ error: StoreError) -> Bool {
        var cause = error.cause
        while let inner = cause as? StoreError { cause = inner.cause }
        return (cause as? SystemError)?.isBrokenPipe ?? (cause as? Failure)?.isQuiet ?? false
    }
}
