public import SluiceAccess
internal import SluiceNative

/// Scopes and their keys; the store as a whole: what it is, whether it is sound, copies of it.
extension Store {
    // MARK: Scopes and keys

    /// Whom the store is towards its vaults: the object id that their access policies name.
    public var identity: Identity { context.access.identity }

    /// Makes a scope whose objects are sealed under `key`, or under the platform's key if it is nil.
    ///
    /// A key without a version follows the vault's newest; one with a version is pinned. The store's
    /// ``identity``, or the one that the scope is given, must hold `get`, `wrapKey` and `unwrapKey` on the key, and its vault
    /// must have purge protection; the key is tried first.
    ///
    /// - Parameters:
    ///   - wrapping: How the data keys of its objects are wrapped.
    ///   - identity: As whom its keys are asked for, but for the platform's; nil for the store itself. Its row and the vault both
    ///     say it, and where they differ, nothing is asked for.
    ///
    /// Throws ``StoreError/Code/alreadyExists``,
    /// ``StoreError/Code/vaultUnavailable``, ``StoreError/Code/accessDenied``.
    @available(*, noasync)
    @discardableResult
    public func createScope(
        _ name: ScopeName, key: KeyIdentifier? = nil, wrapping: KeyWrapping = .direct,
        identity: Identity? = nil
    ) throws(StoreError) -> ScopeInfo {
        try scopeAdministration.createScope(
            name, key: key, wrapping: wrapping, identity: identity)
    }

    /// Changes how a scope is encrypted; what is nil stays as it is. No object is touched.
    ///
    /// - Parameters:
    ///   - key: Another key of the same vault, or another version of the same key: with a version it is
    ///     pinned, without one the scope follows the vault. A scope under the platform's key may move to
    ///     any vault, once and for all.
    ///   - rewrapMode: How objects under older versions come under the current one.
    ///   - pollInterval: How old the answer may grow which version is the newest, in whole seconds up to 2^32 - 1. With zero a
    ///     scope notices at once; a day is what the service that Sluice models does.
    ///   - wrapping: How data keys are wrapped from now on; those that are there come to it as they come under a newer version.
    ///   - identity: As whom its keys are asked for from now on, by every process; the store's own ``identity`` for none of its
    ///     own. Who is killed while this is changed finds the scope closed until the same is asked for again.
    ///   - retention: What it keeps of what is overwritten or removed from now on. What is kept already stays as it is.
    /// - Throws: ``StoreError/Code/accessDenied`` with the permission that is missing,
    ///   ``StoreError/Code/invalidArgument``.
    @available(*, noasync)
    @discardableResult
    public func updateScope(
        _ name: ScopeName, key: KeyIdentifier? = nil, rewrapMode: RewrapMode? = nil,
        pollInterval: Duration? = nil, retention: RetentionPolicy? = nil,
        wrapping: KeyWrapping? = nil, identity: Identity? = nil
    ) throws(StoreError) -> ScopeInfo {
        try scopeAdministration.updateScope(
            name, key: key, rewrapMode: rewrapMode, pollInterval: pollInterval,
            retention: retention, wrapping: wrapping, identity: identity)
    }

    /// Removes a scope with all that is in it, for good; its name is free when this returns. It takes no key, so it works
    /// while access is revoked. Pins of its objects stay.
    ///
    /// However much is in it, this takes the change of one row; the space is freed in the background, and by whoever opens
    /// the store next if the process ends before. Reads that have begun go on to their end. Throws
    /// ``StoreError/Code/notFound``.
    ///
    /// - Parameter deadline: How long to wait until every process has confirmed that it looks for the scope anew.
    @available(*, noasync)
    @discardableResult
    public func removeScope(
        _ name: ScopeName, waiting deadline: Deadline = .seconds(5)
    ) throws(StoreError) -> ScopeRemoval {
        try scopeAdministration.removeScope(name, waiting: deadline)
    }

    /// Every scope, in order of names, as their rows have them: that takes no key, so what somebody has altered there
    /// shows until the scope is used, or verified.
    @available(*, noasync)
    public func scopes() throws(StoreError) -> [ScopeInfo] {
        try scopeAdministration.scopes()
    }

    /// One scope, as its row has it: see ``scopes()``. ``StoreError/Code/notFound`` if there is none of that name.
    @available(*, noasync)
    public func scope(_ name: ScopeName) throws(StoreError) -> ScopeInfo {
        try scopeAdministration.scope(name)
    }

    /// Wraps data keys that are under older versions of the scope's key anew under the current one; no
    /// chunk and no object's row is touched.
    ///
    /// It may be interrupted anywhere, and run again goes on where it ended; it runs beside readers and
    /// writers, and what they change meanwhile it leaves to them. `progress` counts objects. Throws
    /// ``StoreError/Code/accessDenied`` if either version may not be used.
    @available(*, noasync)
    @discardableResult
    public func rewrap(
        _ options: RewrapOptions = RewrapOptions(), in scopeName: ScopeName = .default,
        progress: TreeProgressHandler? = nil
    ) throws(StoreError) -> RewrapReport {
        try rewrapper.rewrap(
            options, in: scopeName, progress: progress, cancellation: context.beginOperation())
    }

    /// Disables a key version once no object and no scope of any store that its vault knows needs it.
    ///
    /// A store is asked in every place where it has been opened: a copy, or a restored backup, is another
    /// one with the same id. While they are asked the version wraps nothing, behind the barrier, so that
    /// no put in flight can come to need it. Then it is disabled; or, if anything needs it, wraps as
    /// before. One that is killed is undone by whoever next uses the version.
    ///
    /// - Parameters:
    ///   - key: A version.
    ///   - forgotten: The path of a store that the vault knows and that is gone for good: it is not asked,
    ///     now or later. Refused for a store that is there.
    ///   - seconds: How long to wait until every process has confirmed.
    /// - Throws: ``StoreError/Code/stillNeeded`` with the count and the command that helps, also for a
    ///   store that can't be reached; ``StoreError/Code/busy`` if a process doesn't confirm, or another
    ///   retires; ``StoreError/Code/accessDenied``; ``StoreError/Code/invalidArgument``.
    @available(*, noasync)
    @discardableResult
    public func retireKeyVersion(
        _ key: KeyIdentifier, forgetting forgotten: String? = nil,
        waitingSeconds seconds: Double = 5,
        as identity: Identity
    ) throws(StoreError) -> AccessChange<KeyDescription> {
        try retirement.retire(key, forgetting: forgotten, waitingSeconds: seconds, as: identity)
    }

    /// Waits again until every process has confirmed the changes of access there were, as after one that
    /// came back unconfirmed; and finishes a change whose maker has died.
    ///
    /// - Parameter seconds: How long to wait.
    @available(*, noasync)
    public func confirmBarrier(
        waitingSeconds seconds: Double = 5
    ) throws(StoreError) -> BarrierConfirmation {
        try accessWatch.confirmBarrier(waitingSeconds: seconds)
    }

    // MARK: The store as a whole

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
    /// The vaults with the keys are not part of it: whoever has only the backup can read nothing; nor are the parts of
    /// uploads that aren't committed. It is made aside, beside `path` as `NAME.unfinished-…`, and has its name once
    /// all of it is there and durable; one that is cut short leaves that at most, which the next to the same path removes. Throws
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

    // MARK: For the programs

    /// Makes the default scope, and with it the vaults, their root key and the platform's key, unless they
    /// are there; throws if the scope can't be opened.
    package func prepareDefaultScope() throws(StoreError) {
        _ = try registry.scopeForPut(.default)
    }

    /// Throws ``StoreError/Code/wrongVault`` if the store has scopes, and none of the vaults is there that their keys are
    /// in: whoever makes a vault then makes it in the wrong place.
    package func requireVaults() throws(StoreError) {
        try registry.maker.checkVaults()
    }

    /// Forgets the keys of objects, so that the next get of each takes a key operation: for
    /// benchmarks.
    package func forgetObjectKeys() {
        cache.removeAll()
    }

    /// Does so many times what a read of an object does to release a chunk, and releases nothing: for
    /// benchmarks. Returns how often it did.
    package func releaseNothing(of name: ObjectName, count: Int) throws(StoreError) -> Int {
        try contents.withContent(of: name, in: .default) { content throws(StoreError) in
            var reading = try authorizer.reading(content.object)
            var done = 0
            for _ in 0..<count {
                try context.access.release(&reading) { () throws(StoreError) in done += 1 }
            }
            return done
        }
    }
}
