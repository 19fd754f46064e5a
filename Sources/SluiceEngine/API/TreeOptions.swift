/// How a tree is put.
public struct TreePutOptions: Sendable {
    /// Names in the directory that are passed over, and stay as they are in the store: see ``TreePatterns``.
    public var excluded: TreePatterns
    /// Whether what is mounted within the directory is passed over: of it the directory it is mounted on is kept.
    public var staysOnFileSystem: Bool
    /// Whether files, directories and symbolic links are kept with their extended attributes. A file of which only
    /// these have changed is put again then; without, it counts as unchanged, and what was kept of them stays.
    public var keepsAttributes: Bool
    /// Whether files are put again that are in the store unchanged.
    public var putsUnchanged: Bool
    /// Whether objects below the prefix are removed that the directory hasn't.
    public var removesOthers: Bool
    /// Whether they are also if the directory has none of those below the prefix. Without, nothing is put or removed
    /// then: most likely it isn't the directory that was meant.
    public var removesAll: Bool
    /// Whether nothing is put or removed, and the report says what would be.
    public var isDryRun: Bool

    /// The defaults, but for what is given.
    public init(
        excluded: TreePatterns = [], staysOnFileSystem: Bool = false, keepsAttributes: Bool = false,
        putsUnchanged: Bool = false, removesOthers: Bool = false, removesAll: Bool = false,
        isDryRun: Bool = false
    ) {
        self.excluded = excluded
        self.staysOnFileSystem = staysOnFileSystem
        self.keepsAttributes = keepsAttributes
        self.putsUnchanged = putsUnchanged
        self.removesOthers = removesOthers
        self.removesAll = removesAll
        self.isDryRun = isDryRun
    }
}

/// How a tree is got.
public struct TreeGetOptions: Sendable {
    /// Names below the prefix that are passed over, and stay as they are in the directory: see ``TreePatterns``.
    public var excluded: TreePatterns
    /// Whether files belong to whom they belonged, with their set-user-id and set-group-id bits, which are left out
    /// otherwise. Takes the rights of root.
    public var restoresOwners: Bool
    /// Whether files, directories and symbolic links get the extended attributes that were kept, but for
    /// `security.capability`, which is left out without their owners, and lose others that users and access control
    /// lists have given them. Those that can't be set are a failure of the file, which is got without them.
    public var restoresAttributes: Bool
    /// Whether files are got again that are there unchanged.
    public var getsUnchanged: Bool
    /// Whether what is in the directory and not in the store is removed, and what stands in the way of what is got.
    public var removesOthers: Bool
    /// Whether it is also if that is more files than the directory and the store have in common. Without, nothing is got
    /// or removed then: most likely it isn't the directory that was meant.
    public var removesAll: Bool
    /// Whether nothing is got or removed, and the report says what would be.
    public var isDryRun: Bool

    /// The defaults, but for what is given.
    public init(
        excluded: TreePatterns = [], restoresOwners: Bool = false, restoresAttributes: Bool = false,
        getsUnchanged: Bool = false, removesOthers: Bool = false, removesAll: Bool = false,
        isDryRun: Bool = false
    ) {
        self.excluded = excluded
        self.restoresOwners = restoresOwners
        self.restoresAttributes = restoresAttributes
        self.getsUnchanged = getsUnchanged
        self.removesOthers = removesOthers
        self.removesAll = removesAll
        self.isDryRun = isDryRun
    }
}
