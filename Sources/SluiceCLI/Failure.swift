internal import ArgumentParser
internal import Sluice
internal import SluiceNative

/// Why the command ends without having done what was asked: what it prints, and how it exits.
struct Failure: Error {
    /// The name of the error's kind, as `--json` prints it.
    let code: String
    /// What went wrong.
    var reason: String
    /// What it is about, if that is one thing with a name.
    var subject: ErrorSubject?
    /// What to do about it, in the order in which to try it.
    var remedies: [Remedy] = []
    /// One of `sysexits`, or 130.
    var exitCode: Int32
    /// Whether it has been printed already, or nobody is there to read it.
    var isQuiet = false

    /// An end with these properties.
    init(
        code: String, reason: String, remedies: [Remedy] = [], exitCode: Int32,
        isQuiet: Bool = false
    ) {
        self.code = code
        self.reason = reason
        self.remedies = remedies
        self.exitCode = exitCode
        self.isQuiet = isQuiet
    }

    /// An end for a reason of the command's own.
    init(
        _ code: StoreError.Code, _ reason: String, about subject: ErrorSubject? = nil,
        remedies: [Remedy] = []
    ) {
        self.init(StoreError(code, reason, about: subject, remedies: remedies))
    }

    /// A usage error, in the parser's words; programs get the gist.
    init(usage error: any Error, isJSON: Bool) {
        let prefix = "Error: "
        let text = SluiceCommand.fullMessage(for: error)
        self.init(
            code: "usage",
            reason: isJSON
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
        let isFIPS = if case .fipsUnavailable = error { true } else { false }
        self.init(
            .fipsUnavailable, error.loadingReason,
            remedies: isFIPS
                ? Remedy.ofMissingFIPS : [.other("install OpenSSL 3.0 or later anew")])
    }

    /// Any error of the libraries.
    init(_ error: any Error) {
        switch error {
        case let error as Failure: self = error
        case let error as StoreError: self.init(error)
        case let error as VaultError: self.init(error, exitCode: error.code.exitCode)
        case let error as SystemError: self.init(error)
        default: self.init(code: "internal", reason: String(describing: error), exitCode: 70)
        }
    }

    /// Whether the parser has thrown it, for a usage error, or because help was asked for.
    static func isParsers(_ error: any Error) -> Bool {
        !(error is Failure || error is StoreError || error is VaultError || error is SystemError)
    }

    private init(_ error: StoreError) {
        self.init(error, exitCode: error.code.exitCode)
        isQuiet = Self.isBrokenPipe(error)
    }

    private init(_ error: some RemediableError, exitCode: Int32) {
        self.init(
            code: error.code.description, reason: error.reason, remedies: error.remedies,
            exitCode: exitCode)
        subject = error.subject
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
        let reason =
            error.path.map { "can't use '\($0)': \(error.fullReason)" } ?? error.description
        self.init(code, reason, about: error.path.map { .file($0) }, remedies: error.remedies)
        isQuiet = error.isBrokenPipe
    }

    /// Whoever closed the pipe knows.
    private static func isBrokenPipe(_ error: StoreError) -> Bool {
        var cause = error.cause
        while let inner = cause as? StoreError { cause = inner.cause }
        return (cause as? SystemError)?.isBrokenPipe ?? (cause as? Failure)?.isQuiet ?? false
    }
}
