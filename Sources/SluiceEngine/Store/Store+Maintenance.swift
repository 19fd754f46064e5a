/// The store as a whole: what it is, whether it is sound, copies of it.
extension Store {
    /// The store at a glance; needs no key.
    @available(*, noasync)
    public func status() throws(StoreError) -> StoreStatus {
        try scopeAdministration.status()
    }

    /// Reads and authenticates everything of the named objects, or of all: rows, keys, chunk tables,
    /// every chunk. Says what is damaged and what could not be verified, and goes on behind it; throws
    /// only what keeps it from looking at anything.
    ///
    /// What could not be verified is a scope or an object whose key is refused or can't be had, an object
    /// whose blob can't be read from the disk, and a name that there is no object of:
    /// ``VerifyReport/unverified``. Of a scope whose key is taken away meanwhile nothing else is said, not even
    /// what was found before. Without names it also checks the catalog's own structure, that every name can be
    /// found by a look-up and by a listing, and that the census is right. Throws
    /// ``StoreError/Code/notFound`` if the scope doesn't exist.
    @available(*, noasync)
    public func verify(
        _ names: [ObjectName]? = nil, in scopeName: ScopeName? = nil,
        progress: ProgressHandler? = nil
    ) throws(StoreError) -> VerifyReport {
        try verifier.verify(
            names, in: scopeName, progress: progress, cancellation: context.beginOperation())
    }

    /// Checks what can be checked without any key: the catalog's structure, that blobs are there and
    /// have the size they should and can be read to their ends, chunk tables' digests, the census. What
    /// can't be read is ``VerifyReport/unverified``. Whether a blob's bytes are the ones that were put, only
    /// a verification with the keys tells.
    @available(*, noasync)
    public func verifyWithoutKeys() throws(StoreError) -> VerifyReport {
        try keylessVerifier.verify()
    }

    /// Copies the store to a new directory, catalog and blobs as they are at one instant, while others
    /// read and write it.
    ///
    /// The vaults with the keys are not part of it: whoever has only the backup can read nothing. It is made
    /// aside, beside `path` as `NAME.unfinished-…`, and has its name once all of it is there and durable; one
    /// that is cut short leaves that at most, which the next to the same path removes. Throws
    /// ``StoreError/Code/alreadyExists`` if the directory holds anything,
    /// ``StoreError/Code/invalidArgument`` if it would be in the store's own directory or the vaults', and
    /// ``StoreError/Code/cannotCreate`` if a symbolic link leads to it that somebody else has made in a
    /// directory that isn't his, or the directory above it can't be written. All is made with modes 0700 and
    /// 0600.
    ///
    /// - Parameter linksBlobs: Whether blobs are linked rather than copied, where both are on one file
    ///   system. That takes no space and little time, and makes each blob one file with two names: damage to
    ///   it is damage to the store and the backup, and so are its mode and its owner.
    @available(*, noasync)
    public func backup(
        to path: String, linksBlobs: Bool = false, progress: ProgressHandler? = nil
    ) throws(StoreError) {
        try backupMaker.backup(
            to: path, linksBlobs: linksBlobs, progress: progress,
            cancellation: context.beginOperation())
    }

    /// Makes a store from a backup, in the directory `newPath`, where there must be none.
    @available(*, noasync)
    package static func restore(
        from path: String, to newPath: String
    ) throws(StoreError) {
        try BackupMaker.restore(from: path, to: newPath)
    }

    /// Puts right what can be put right in the store in the directory at `path`, and moves what can't to
    /// `lost+found` there: nothing is deleted.
    ///
    /// - Parameters:
    ///   - withKeys: Whether to authenticate all content; without, what needs no key is done.
    ///   - backend: Where the blobs are; nil if they are in files in the same directory.
    @available(*, noasync)
    package static func repair(
        _ path: String, options: StoreOptions, withKeys: Bool,
        blobs backend: (any BlobBackend)? = nil, keyService: KeyServiceOpener
    ) throws(StoreError) -> RepairReport {
        try StoreRepair.run(
            path, options: options, withKeys: withKeys, blobs: backend, keyService: keyService)
    }
}
