package import SluiceAccess
internal import SluiceFormat
package import SluiceNative

/// How the errors of the layers below become errors of the store.
extension StoreError {
    /// A failure of the catalog while doing `what`; `path` is the store's, where it isn't the one in use.
    init(catalog error: DatabaseError, _ what: String, at path: String? = nil) {
        if error.isSchemaAltered {
            let store = path.map { " --store '\($0)'" } ?? ""
            self.init(
                .damagedCatalog,
                """
                can't \(what): somebody has changed what the catalog is made of: \(error.message); \
                `sluice verify --repair\(store)` makes its tables anew and keeps the rows that it can \
                read
                """, cause: error)
            return
        }
        if error.isTooLong {
            self.init(
                .integrity,
                "can't \(what): the catalog holds a value that is longer than any can be; "
                    + "`sluice verify` shows which", cause: error)
            return
        }
        let code: Code =
            if error.isOutcomeUnknown {
                .outcomeUnknown
            } else if error.isFull {
                .noSpace
            } else if error.isBusy {
                .busy
            } else if error.isCorrupt || error.isNotADatabase || error.isStatementRefused
                || error.isConstraint
            {
                // What is written keeps the constraints, so what is there doesn't.
                .damagedCatalog
            } else if error.remedyOfLimit == nil, error.isCannotOpen || error.isReadOnly {
                .cannotCreate
            } else if error.isInterrupted {
                .cancelled
            } else {
                .inputOutput
            }
        let remedy =
            switch code {
            case .inputOutput,
                .noSpace where error.remedyOfLimit != nil:
                error.remedyOfLimit.map { "; \($0)" } ?? ""
            case .outcomeUnknown: "; whether it took effect is not known: open the store again"
            case .noSpace: "; make room and try again: nothing was changed"
            case .damagedCatalog: "; restore a backup"
            case .busy: "; another process holds the catalog, try again"
            default: ""
            }
        self.init(code, "can't \(what): \(error.message)\(remedy)", cause: error)
    }

    /// A failed system call while doing `what`.
    package init(system error: SystemError, _ what: String, otherwise: Code = .inputOutput) {
        let code: Code = error.isNoSpace ? .noSpace : otherwise
        let place = error.path.map { " '\($0)'" } ?? ""
        let remedy =
            if let remedy = error.remedyOfLimit {
                "; \(remedy)"
            } else if error.isNoSpace {
                "; make room there and try again"
            } else if error.isSymbolicLink {
                "; a symbolic link that somebody else has made, or that stands where none may, is not "
                    + "followed: name the place that it leads to"
            } else if error.isGivingAway {
                "; what root makes there is to be its owner's: run it as that user"
            } else {
                ""
            }
        self.init(code, "can't \(what)\(place): \(error.reason)\(remedy)", cause: error)
    }

    /// A refusal or failure of the vault while doing `what`.
    package init(vault error: VaultError, _ what: String) {
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
            case .unwrapFailed: .integrity
            case .readOnly: .readOnly
            default: .vaultUnavailable
            }
        self.init(code, "can't \(what): \(error.message)", cause: error)
    }

    /// A cryptographic failure while doing `what`; authentication failures look alike.
    init(crypto error: CryptoError, _ what: String) {
        switch error {
        case .authenticationFailed, .unwrapFailed:
            self.init(.integrity, "\(what) fails to authenticate", cause: error)
        case .fipsUnavailable(let reason):
            self.init(.fipsUnavailable, CryptoError.fipsMessage(reason), cause: error)
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
