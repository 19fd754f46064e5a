internal import Sluice

extension StoreError.Code {
    /// How the command exits, by `sysexits`.
    var exitCode: Int32 {
        switch self {
        case .invalidName, .invalidArgument, .invalidRange: 64
        case .integrity, .damagedCatalog, .newerVersion, .olderVersion: 65
        case .notFound: 66
        case .wrongVault, .vaultUnavailable, .fipsUnavailable: 69
        case .cannotCreate, .readOnly, .alreadyExists, .conditionNotMet, .notModified, .leased,
            .held:
            73
        case .inputOutput, .noSpace, .sourceChanged: 74
        case .busy, .outcomeUnknown, .stillNeeded, .replaced: 75
        case .accessDenied, .keyMismatch: 77
        case .cancelled: 130
        default: 70
        }
    }
}

extension VaultError.Code {
    /// How the command exits, by `sysexits`.
    var exitCode: Int32 {
        switch self {
        case .invalidName, .invalidArgument, .unsupportedKey, .malformedKey: 64
        case .damaged, .unwrapFailed, .newerVersion, .olderVersion, .anchorMismatch: 65
        case .keyNotFound, .vaultNotFound, .policyNotFound: 66
        case .wrongRootKey, .rootKeyMissing, .rootKeyExposed, .passphraseRequired,
            .unreasonableClock, .vaultsExposed, .replaced, .unknownStore:
            69
        case .alreadyExists, .readOnly: 73
        case .io, .noSpace: 74
        case .busy, .deadlineExceeded, .outcomeUnknown, .stillNeeded: 75
        case .keyDisabled, .keyDeleted, .keyNotYetValid, .keyExpired, .operationNotPermitted,
            .accessDenied, .vaultDeleted, .identityDisabled, .purgeProtected,
            .purgeProtectionMissing:
            77
        case .cancelled: 130
        default: 70
        }
    }
}
