package import SluiceAccess
internal import SluiceFormat
package import SluiceNative

/// How the errors of the layers below become errors of the store.
extension StoreError {
    /// A failure of the catalog while doing `what`; `path` is the store's, where it isn't the one in use.
    init(catalog error: DatabaseError, _ what: String, at path: String? = nil) {
        let code = Self.code(of: error)
        var reason = error.message
        var remedies: [Remedy] = []
        if error.isSchemaAltered {
            reason = "somebody has changed what the catalog is made of: \(reason)"
            remedies = [.run(.repair(store: path))]
        } else if error.isTooLong {
            reason = "the catalog holds a value that is longer than any may be"
            remedies = [.run(.verify(store: path))]
        } else {
            let limit = error.reachedLimit.map { Remedy.raise($0) }
            switch code {
            case .inputOutput: remedies = limit.map { [$0] } ?? []
            case .outcomeUnknown:
                reason += "; whether it took effect is not known"
                remedies = [.reopen]
            case .noSpace:
                reason += "; nothing was changed"
                remedies = [limit ?? .machine(.freeSpace)]
            case .damagedCatalog: remedies = [.run(.repair(store: path)), .restoreBackup]
            case .busy:
                reason += "; another process holds the catalog"
                remedies = [.tryAgain]
            case .cannotCreate: remedies = [.machine(.runAsFileOwner)]
            default: break
            }
        }
        self.init(
            code, "can't \(what): \(reason)", about: path.map { .store($0) }, remedies: remedies,
            cause: error)
    }

    private static func code(of error: DatabaseError) -> Code {
        if error.isSchemaAltered { return .damagedCatalog }
        if error.isTooLong { return .integrity }
        if error.isOutcomeUnknown { return .outcomeUnknown }
        if error.isFull { return .noSpace }
        if error.isBusy { return .busy }
        // What is written keeps the constraints, so what is there doesn't.
        if error.isCorrupt || error.isNotADatabase || error.isStatementRefused || error.isConstraint
        {
            return .damagedCatalog
        }
        if error.reachedLimit == nil, error.isCannotOpen || error.isReadOnly {
            return .cannotCreate
        }
        return error.isInterrupted ? .cancelled : .inputOutput
    }

    /// A failed system call while doing `what`.
    package init(system error: SystemError, _ what: String, otherwise: Code = .inputOutput) {
        let place = error.path.map { " '\($0)'" } ?? ""
        self.init(
            error.isNoSpace ? .noSpace : otherwise, "can't \(what)\(place): \(error.fullReason)",
            about: error.path.map { .file($0) }, remedies: error.remedies, cause: error)
    }

    /// A refusal or failure of the vault while doing `what`.
    package init(vault error: VaultError, _ what: String, about subject: ErrorSubject? = nil) {
        let code: Code =
            switch error.code {
            case .keyDisabled, .keyDeleted, .keyNotYetValid, .keyExpired, .operationNotPermitted,
                .accessDenied, .identityDisabled, .vaultDeleted:
                .accessDenied
            case .invalidName, .invalidArgument, .unsupportedKey, .malformedKey,
                .purgeProtectionMissing:
                .invalidArgument
            case .unknownStore: .wrongVault
            case .alreadyExists: .alreadyExists
            case .busy: .busy
            case .noSpace: .noSpace
            case .cancelled: .cancelled
            case .unwrapFailed: .integrity
            case .readOnly: .readOnly
            default: .vaultUnavailable
            }
        self.init(
            code, "can't \(what): \(error.reason)", about: subject ?? error.subject,
            remedies: error.remedies, cause: error)
    }

    /// A cryptographic failure while doing `what`; authentication failures look alike.
    init(crypto error: CryptoError, _ what: String) {
        switch error {
        case .authenticationFailed, .unwrapFailed:
            self.init(.integrity, "\(what) fails to authenticate", cause: error)
        case .fipsUnavailable:
            self.init(
                .fipsUnavailable, error.loadingReason, remedies: Remedy.ofMissingFIPS, cause: error)
        default:
            self.init(.inputOutput, "\(what): \(error)", cause: error)
        }
    }

    /// What authenticated, yet can't be decoded: only a writer's fault, or a later version, does that.
    init(format error: FormatError, _ what: String) {
        let reason =
            switch error {
            case .truncated: "it ends too early"
            case .trailingBytes: "it goes on after its end"
            case .unknownVersion(let version): "its version \(version) is unknown"
            case .invalidField(let field): "its \(field) breaks the rules"
            }
        self.init(.integrity, "\(what) can't be decoded: \(reason)", cause: error)
    }
}
