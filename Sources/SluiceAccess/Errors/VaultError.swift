/// A key vault's refusal or failure. Two are equal if they say the same.
public struct VaultError: RemediableError, Hashable {
    /// What went wrong, for code to decide on.
    public let code: Code
    /// What it says besides the code.
    public let details: ErrorDetails

    /// Makes an error.
    public init(
        _ code: Code, _ reason: String, about subject: ErrorSubject? = nil,
        remedies: [Remedy] = [], cause: (any Error)? = nil
    ) {
        self.code = code
        details = ErrorDetails(reason, about: subject, remedies: remedies, cause: cause)
    }

    /// A cause of refusal or failure; new ones may be added, so a `switch` needs a default.
    public struct Code: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
        /// The name of the code, as in `keyNotFound`.
        public let rawValue: String

        /// Names a code.
        public init(rawValue: String) { self.rawValue = rawValue }

        /// The name of the code.
        public var description: String { rawValue }
    }
}

extension VaultError.Code {
    // MARK: Names and arguments

    /// A name of a vault or key, or a key identifier, is not well formed, or is reserved.
    public static let invalidName = Self(rawValue: "invalidName")
    /// An argument other than a name is out of bounds.
    public static let invalidArgument = Self(rawValue: "invalidArgument")
    /// There is no such vault.
    public static let vaultNotFound = Self(rawValue: "vaultNotFound")
    /// There is no such key, or no such version of it.
    public static let keyNotFound = Self(rawValue: "keyNotFound")
    /// There already is one of that name.
    public static let alreadyExists = Self(rawValue: "alreadyExists")
    /// The vault has no access policy for the identity.
    public static let policyNotFound = Self(rawValue: "policyNotFound")
    /// The key is not of a kind that can be made, or used for this: of another algorithm or size, weak, or in hardware.
    public static let unsupportedKey = Self(rawValue: "unsupportedKey")
    /// What should be a key is not.
    public static let malformedKey = Self(rawValue: "malformedKey")

    // MARK: Refusals

    /// The key version is disabled.
    public static let keyDisabled = Self(rawValue: "keyDisabled")
    /// The key is deleted but recoverable.
    public static let keyDeleted = Self(rawValue: "keyDeleted")
    /// The vault is deleted but recoverable.
    public static let vaultDeleted = Self(rawValue: "vaultDeleted")
    /// The identity is switched off.
    public static let identityDisabled = Self(rawValue: "identityDisabled")
    /// The caller is a store of which the vault has no scope, and the vault serves only those that it knows.
    public static let unknownStore = Self(rawValue: "unknownStore")
    /// Purge protection keeps what is deleted until its scheduled date.
    public static let purgeProtected = Self(rawValue: "purgeProtected")
    /// The vault has no purge protection, without which no store is set up with its keys.
    public static let purgeProtectionMissing = Self(rawValue: "purgeProtectionMissing")
    /// The key version may not wrap yet: its `nbf` lies ahead.
    public static let keyNotYetValid = Self(rawValue: "keyNotYetValid")
    /// The key version may not wrap any more: its `exp` has passed.
    public static let keyExpired = Self(rawValue: "keyExpired")
    /// The operation is not among the key's `key_ops`.
    public static let operationNotPermitted = Self(rawValue: "operationNotPermitted")
    /// The identity lacks the permission for the operation, which the message names.
    public static let accessDenied = Self(rawValue: "accessDenied")
    /// Something needs the key version that is to be retired.
    public static let stillNeeded = Self(rawValue: "stillNeeded")
    /// The bytes were not wrapped, or encrypted, under this key version.
    public static let unwrapFailed = Self(rawValue: "unwrapFailed")
    /// The vault has another scope-key commitment registered.
    public static let anchorMismatch = Self(rawValue: "anchorMismatch")

    // MARK: The root key

    /// The vaults are not sealed under this root key, or with this passphrase.
    public static let wrongRootKey = Self(rawValue: "wrongRootKey")
    /// The file that held the root key is gone.
    public static let rootKeyMissing = Self(rawValue: "rootKeyMissing")
    /// Others than its owner may read the root key's file.
    public static let rootKeyExposed = Self(rawValue: "rootKeyExposed")
    /// Others than their owner may change the vaults' files.
    public static let vaultsExposed = Self(rawValue: "vaultsExposed")
    /// The vaults are opened by a passphrase, and none was given.
    public static let passphraseRequired = Self(rawValue: "passphraseRequired")

    // MARK: The machine

    /// The machine's clock shows a time before the year 1 or after 9999.
    public static let unreasonableClock = Self(rawValue: "unreasonableClock")
    /// A file is damaged or was tampered with.
    public static let damaged = Self(rawValue: "damaged")
    /// A file of the vaults is another than the one that was opened, or made: it was exchanged, or copied.
    public static let replaced = Self(rawValue: "replaced")
    /// The vault was made by a newer version of Sluice.
    public static let newerVersion = Self(rawValue: "newerVersion")
    /// The vault was made by an older version of Sluice, in a format that this one doesn't read.
    public static let olderVersion = Self(rawValue: "olderVersion")
    /// Reading or writing failed.
    public static let io = Self(rawValue: "io")
    /// The vaults can't be written here: they are on a medium that is read-only, or belong to somebody else.
    public static let readOnly = Self(rawValue: "readOnly")
    /// The disk, or a quota, is full; nothing was changed.
    public static let noSpace = Self(rawValue: "noSpace")
    /// A change may or may not have become durable.
    public static let outcomeUnknown = Self(rawValue: "outcomeUnknown")
    /// Another process holds a lock for too long.
    public static let busy = Self(rawValue: "busy")
    /// The task was cancelled before the operation began; nothing was changed.
    public static let cancelled = Self(rawValue: "cancelled")
    /// The caller's deadline passed first.
    public static let deadlineExceeded = Self(rawValue: "deadlineExceeded")
    /// The vaults were closed.
    public static let closed = Self(rawValue: "closed")
    /// The cryptographic library failed.
    public static let cryptography = Self(rawValue: "cryptography")

    // MARK: Key Vault

    /// The code with which Azure Storage tells its client of this cause, always with status 403; nil
    /// for what is no loss of access.
    public var storageErrorCode: String? {
        switch self {
        case .vaultNotFound, .vaultDeleted: "KeyVaultVaultNotFound"
        case .identityDisabled: "KeyVaultAccessTokenCannotBeAcquired"
        case .keyNotFound, .keyDeleted, .keyDisabled, .keyNotYetValid, .keyExpired,
            .operationNotPermitted, .accessDenied:
            "KeyVaultEncryptionKeyNotFound"
        default: nil
        }
    }
}
