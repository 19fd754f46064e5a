public import SluiceAccess

/// What went wrong with a store, or with what was to be done in it.
public struct StoreError: RemediableError {
    /// The kind of failure. New codes may come; switch with a default.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        /// The code's name, as printed by `--json`.
        public let description: String

        /// The object, or the scope, doesn't exist.
        public static let notFound = Code(description: "notFound")
        /// An object or scope of that name exists, and that was to be an error.
        public static let alreadyExists = Code(description: "alreadyExists")
        /// The object isn't what a condition asks for: it was changed, or isn't there.
        public static let conditionNotMet = Code(description: "conditionNotMet")
        /// The object is still what a condition asks that it no longer be.
        public static let notModified = Code(description: "notModified")
        /// The object is leased, and the lease was not shown.
        public static let leased = Code(description: "leased")
        /// The object is held, or retained until a later time: nobody may change it.
        public static let held = Code(description: "held")
        /// The object is sealed with a key that is provided for each read, and none or another was; or one was, and it isn't.
        public static let keyMismatch = Code(description: "keyMismatch")
        /// A name that breaks the rules, or would leave the target directory.
        public static let invalidName = Code(description: "invalidName")
        /// Another argument out of its bounds.
        public static let invalidArgument = Code(description: "invalidArgument")
        /// A byte range outside the object.
        public static let invalidRange = Code(description: "invalidRange")
        /// What is stored fails to authenticate: altered, swapped, truncated, forged.
        public static let integrity = Code(description: "integrity")
        /// The catalog is damaged, or isn't one.
        public static let damagedCatalog = Code(description: "damagedCatalog")
        /// A file of the store is another than the one that was opened: open the store again.
        public static let replaced = Code(description: "replaced")
        /// A newer version of Sluice made the store.
        public static let newerVersion = Code(description: "newerVersion")
        /// An older version of Sluice made the store, and this one doesn't read it.
        public static let olderVersion = Code(description: "olderVersion")
        /// These vaults aren't the ones that the store was made with.
        public static let wrongVault = Code(description: "wrongVault")
        /// The vault refuses the key operation: disabled, deleted, not permitted.
        public static let accessDenied = Code(description: "accessDenied")
        /// The vault, or the key in it, can't be reached or read.
        public static let vaultUnavailable = Code(description: "vaultUnavailable")
        /// A key version can't be retired, or a scope removed: something still needs it, or can't be asked.
        public static let stillNeeded = Code(description: "stillNeeded")
        /// The source changed while it was read; nothing was stored.
        public static let sourceChanged = Code(description: "sourceChanged")
        /// The caller's source or target failed: a file that can't be read, a closed pipe.
        public static let inputOutput = Code(description: "inputOutput")
        /// The disk, or a quota, is full.
        public static let noSpace = Code(description: "noSpace")
        /// This process can't write to the store: it can be read, verified and copied.
        public static let readOnly = Code(description: "readOnly")
        /// A file or directory can't be made.
        public static let cannotCreate = Code(description: "cannotCreate")
        /// Somebody else holds what is needed; try again.
        public static let busy = Code(description: "busy")
        /// A write to the disk failed at its last step: whether it took effect is not known. The
        /// handle refuses further writes; open the store anew to see.
        public static let outcomeUnknown = Code(description: "outcomeUnknown")
        /// The task was cancelled; nothing was stored or left behind.
        public static let cancelled = Code(description: "cancelled")
        /// The store was closed.
        public static let closed = Code(description: "closed")
        /// The FIPS provider was demanded and can't be had.
        public static let fipsUnavailable = Code(description: "fipsUnavailable")
    }

    /// The kind of failure.
    public let code: Code
    /// What it says besides the code.
    public let details: ErrorDetails

    /// An error of this kind.
    public init(
        _ code: Code, _ reason: String, about subject: ErrorSubject? = nil,
        remedies: [Remedy] = [], cause: (any Error)? = nil
    ) {
        self.code = code
        details = ErrorDetails(reason, about: subject, remedies: remedies, cause: cause)
    }
}

extension StoreError.Code {
    /// A scope has taken up another key version since what was to be committed was sealed. No caller of the
    /// store gets it: it is sealed again.
    static let scopeMoved = Self(description: "scopeMoved")
    /// What an object's extents were taken from is another by now. No caller of the store gets it, either.
    static let extentsMoved = Self(description: "extentsMoved")
}
