public import SluiceAccess

/// By what a vault decides who may do what, which shows in its refusals.
public enum AccessMode: Sendable {
    /// Its access policies.
    case policies
    /// Roles.
    case roles

    fileprivate var refusalCode: String {
        switch self {
        case .policies: "AccessDenied"
        case .roles: "ForbiddenByRbac"
        }
    }
}

extension KeyVaultError {
    /// What Key Vault answers where a vault refuses or fails.
    ///
    /// - Parameters:
    ///   - claimsName: Whether the operation gives a name to a key: then that of a deleted one is a conflict, and else
    ///     nothing is found under it.
    ///   - mode: By what the vault decides.
    public init(_ error: VaultError, claimsName: Bool = false, mode: AccessMode) {
        let (status, code, inner) = Self.codes(error.code, claimsName, mode)
        self.init(status: status, code: code, inner: inner, error.message)
    }

    private static func codes(
        _ code: VaultError.Code, _ claimsName: Bool, _ mode: AccessMode
    ) -> (Int, String, String?) {
        switch code {
        case .keyDeleted where claimsName: (409, "Conflict", "ObjectIsDeletedButRecoverable")
        case .keyNotFound, .keyDeleted: (404, "KeyNotFound", nil)
        case .vaultNotFound, .vaultDeleted: (404, "VaultNotFound", nil)
        case .alreadyExists: (409, "Conflict", nil)
        case .identityDisabled: (401, "Unauthorized", nil)
        case .accessDenied, .unknownStore: (403, "Forbidden", mode.refusalCode)
        case .keyDisabled: (403, "Forbidden", "KeyDisabled")
        case .keyNotYetValid, .keyExpired, .operationNotPermitted:
            (403, "Forbidden", "KeyOperationForbidden")
        case .purgeProtected: (403, "Forbidden", "ForbiddenByPolicy")
        case .invalidName, .invalidArgument, .unsupportedKey, .malformedKey, .unwrapFailed:
            (400, "BadParameter", nil)
        case .busy, .deadlineExceeded, .cancelled, .closed: (503, "ServiceUnavailable", nil)
        default: (500, "InternalServerError", nil)
        }
    }
}
