#if Service
internal import Sluice
internal import SluiceAccess
internal import SluiceREST

extension BlobRefusal {
    /// What the service answers where its store refuses or fails.
    ///
    /// - Throws: What a source or a sink of the request has thrown.
    init(_ error: StoreError) throws {
        if error.code == .inputOutput, let cause = error.details.cause {
            if cause is ConnectionLoss { throw cause }
            if let cause = cause as? BlobRefusal {
                self = cause
                return
            }
        }
        if error.code == .accessDenied || error.code == .vaultUnavailable,
            let refusal = RevokedKeyRule.refusal([Self.cause(error)])
        {
            self = refusal
            return
        }
        guard let code = Self.codes[error.code] else { throw error }
        self.init(code)
    }

    private static let codes: [StoreError.Code: BlobErrorCode] = [
        .notFound: .blobNotFound, .alreadyExists: .blobAlreadyExists,
        .conditionNotMet: .conditionNotMet, .notModified: .conditionNotMet,
        .leased: .leaseIdMissing, .held: .blobImmutableDueToPolicy,
        .keyMismatch: .blobUsesCustomerSpecifiedEncryption, .invalidName: .invalidResourceName,
        .invalidArgument: .invalidInput, .invalidRange: .invalidRange, .busy: .serverBusy,
        .cancelled: .operationTimedOut,
    ]

    /// The refusal of a vault.
    init(_ error: VaultError) throws {
        try self.init(StoreError(.accessDenied, error.message, cause: error))
    }

    private static func cause(_ error: StoreError) -> RevokedKeyRule.Cause {
        var cause: (any Error)? = error.details.cause
        while let found = cause {
            if let refusal = found as? VaultError {
                switch refusal.code {
                case .vaultNotFound, .vaultDeleted: return .vaultGone
                case .identityDisabled: return .noToken
                default: return .noKey
                }
            }
            cause = (found as? StoreError)?.details.cause
        }
        return .noKey
    }
}
#endif
