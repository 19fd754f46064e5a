/// Something that work on a tree left out, and why.
public struct TreeFailure: Sendable {
    /// The name of the object, or the path of the file.
    public let subject: String
    /// What went wrong.
    public let error: StoreError
}

/// What a put, get or removal of a tree did.
public struct TreeReport: Sendable {
    /// Objects done.
    public internal(set) var objectCount = 0
    /// Their plaintext bytes.
    public internal(set) var byteCount = 0
    /// Those that were left as they are, for they are there and unchanged; ``objectCount`` doesn't count them.
    public internal(set) var unchangedCount = 0
    /// What a removal removed, or in a dry run would remove; what a put removed from the store because the directory
    /// hasn't it. Empty for a get.
    public internal(set) var names: [ObjectName] = []
    /// What a get removed below the directory because the store hasn't it: paths relative to it.
    public internal(set) var removedPaths: [String] = []
    /// In a dry run, what would be put or got, in byte order; ``objectCount`` counts them. Empty otherwise.
    public internal(set) var plannedNames: [ObjectName] = []
    /// Whether what the source hasn't was to be removed and was not, for something was left out: what couldn't be read
    /// must not look like what isn't there.
    public internal(set) var keepsOthers = false
    /// What was left out; the rest was done all the same.
    public internal(set) var failures: [TreeFailure] = []
}

/// How far work on a tree has come.
public struct TreeProgress: Sendable {
    /// Objects done.
    public let objectCount: Int
    /// Their plaintext bytes.
    public let byteCount: Int
    /// Objects in all, as far as known.
    public let totalObjectCount: Int?
    /// Bytes in all, as far as known.
    public let totalByteCount: Int?
}

/// Is told how far work on a tree has come. Called from any thread, one call at a time.
public typealias TreeProgressHandler = @Sendable (TreeProgress) -> Void
