/// Where the sealed bytes of large objects are kept: one immutable blob each, named by object id (16 bytes).
///
/// A blob is there as a whole once ``BlobWriting/commit(byteCount:)`` has returned, or not at all. A name is
/// used once: what was removed never comes back under it. A backend's blobs belong to one store.
///
/// **Threads.** Every method, of a backend and of what it gives, may be called from any thread, several at once,
/// and from several processes. A call may wait, but for a bounded time: who asks over a network gives up some day,
/// and says so with an error that is transient. A backend that can't serve several processes keeps the second from
/// opening it; its store is then one process's.
///
/// **Trying again.** Every call but those of the handlers it is given can be made again after an error that
/// ``BlobError/isTransient``, whether or not the first had its effect; see each method. ``RetryingBlobs`` does it.
///
/// **Durability.** What `commit` and `delete` have done, and what `copy` has copied, survives a power cut when they
/// return, unless the backend was made to be content with less: ``StoreOptions/durability`` is not passed on to it. A
/// blob whose plan says that it is durable later (``BlobPlan/isDurableLater``) may not before ``makeDurable(_:)`` returns.
///
/// **Life.** There is nothing to close: a store lets go of its backend when nobody references the store any more, and
/// until then a closed one may be removing what it has noted to be removed.
public protocol BlobBackend: Sendable {
    /// What the backend can do; the same at any time.
    var properties: BlobBackendProperties { get }

    /// Begins a blob, of which nothing is to be seen before it is committed.
    ///
    /// Again after an error, it begins anew: what the first left behind is gone with
    /// ``BlobWriting/abort()``, ``delete(_:)`` or the blob's commit. Throws ``BlobError/Kind/noSpace`` where
    /// `plan` says already that it won't fit.
    func begin(_ objectID: [UInt8], plan: BlobPlan) throws(BlobError) -> any BlobWriting

    /// The blob, or nil if there is none of that id.
    ///
    /// `byteCount` is what it should have, so that a backend needn't ask. One that asks for nothing gives
    /// something to read even if there is no blob; reading it then throws ``BlobError/Kind/missing``. What stands
    /// in a blob's place and is none (a directory, a link) is an error. Changes nothing, and can be repeated.
    func open(_ objectID: [UInt8], byteCount: Int) throws(BlobError) -> (any BlobReading)?

    /// Makes blobs durable that were committed to be so later, and that the catalog durably names; those that are so
    /// already, or are blobs like any other, stay as they are.
    ///
    /// Gives those that it can't vouch for: they are not there, or another process has written them, and the machine may
    /// have failed since, so that they are other than they were. Whoever asks reads all of one before relying on it. Again
    /// after an error, it makes durable what is not. There is an implementation for a backend whose commits all make
    /// durable, which does nothing.
    func makeDurable(_ blobs: [BlobEntry]) throws(BlobError) -> [BlobEntry]

    /// Removes blobs, durably, and, where writers hold no locks, what was begun under these ids and not committed:
    /// that can't be committed any more. An object's blob is removed some time after the object, in the background.
    ///
    /// One that isn't there is no error, so it can be repeated; after an error, some may be gone.
    func delete(_ objectIDs: [[UInt8]]) throws(BlobError)

    /// A page of the blobs that there are: those whose ids come after the cursor, in the order of ids, byte by byte;
    /// from the first if it is nil. At most `limit`, which is at least 1; there may be fewer, or none, before the
    /// last page.
    ///
    /// What is committed before the first page is asked for, and removed after the last, is on one of them; what
    /// is neither is on none, nor need be what is durable later and not yet. Where listings lag
    /// (``BlobBackendProperties/listingsLag``), that is so for what happened long enough ago. Blobs that are being written are on none. Changes nothing.
    func list(after cursor: BlobCursor?, limit: Int) throws(BlobError) -> BlobPage

    /// Copies blobs to another backend, in which all are durable when this returns.
    ///
    /// Calls `copied` after each, from the caller's thread; what that throws ends the copying. After any error
    /// some may be there, the last of them in part. Throws ``BlobError/Kind/missing`` for one that isn't here, and
    /// ``BlobError/Kind/damaged`` for one with another number of bytes than its entry says.
    ///
    /// There is an implementation, which reads and writes; with a backend of its caller's, a store uses no other.
    ///
    /// - Parameter isSharing: Whether the two may be one blob under two names, which takes no space, and then what
    ///   damages one damages the other.
    func copy(
        _ blobs: [BlobEntry], to target: any BlobBackend, isSharing: Bool,
        _ copied: (BlobEntry) throws(BlobError) -> Void
    ) throws(BlobError)

    /// Settles blobs whose writers have died between `begin` and ``BlobWriting/finish()``, of which only a backend
    /// can know whose writers hold locks (``BlobBackendProperties/locksShowWriters``); another does nothing, for
    /// whoever uses it keeps notes.
    ///
    /// Calls `findGarbage` with the ids of some of them at a time; it says which nothing will ever name, and those
    /// are removed. If it throws, they stay as they are for the next time. Blobs whose writers live are left alone.
    /// Can be repeated.
    func recover(
        _ findGarbage: (_ objectIDs: [[UInt8]]) throws(BlobError) -> Set<[UInt8]>
    ) throws(BlobError)
}

extension BlobBackend {
    /// Nothing, for all is durable that was committed.
    public func makeDurable(_ blobs: [BlobEntry]) throws(BlobError) -> [BlobEntry] { [] }
}

/// A blob that is being written. For several threads at once.
///
/// Its user ends it by ``finish()`` or by ``abort()``; one that is dropped without either is as one whose process has
/// died.
public protocol BlobWriting: Sendable {
    /// Writes bytes, which may be read once the blob is committed.
    ///
    /// In any order; parts don't overlap, and leave no gap by the time of the commit. If the plan has
    /// ``BlobPlan/parts``, each is one of these, and whole; without, they have the length of a sealed chunk (its bytes,
    /// compressed perhaps, and 16), so they are not aligned. Writing the same bytes to the same place again is the
    /// same as writing them once. The bytes are the caller's again when this returns.
    func write(_ bytes: Span<UInt8>, at offset: Int) throws(BlobError)

    /// Makes the blob, of `byteCount` bytes, durable, unless that is to come later, and gives it its name. Comes once,
    /// after all writes.
    ///
    /// Again after a transient error, it returns if the first had its effect.
    func commit(byteCount: Int) throws(BlobError)

    /// Says that the catalog names the committed blob: nothing needs to be settled any more.
    func finish()

    /// Gives up, be it before `commit` or after it: as far as can be, nothing remains.
    func abort()
}

/// A blob that is being read. For several threads at once.
public protocol BlobReading: Sendable {
    /// How many bytes the blob has, as far as that is known without asking anybody; else how many it should have.
    var byteCount: Int { get }

    /// Reads bytes at `offset` until `bytes` is full or the blob ends; returns how many, which are fewer than
    /// asked for only where the blob ends, and none behind its end.
    ///
    /// Throws ``BlobError/Kind/missing`` if there is no such blob, or it was removed since it was opened and
    /// doesn't survive that (``BlobBackendProperties/openSurvivesRemoval``). Changes nothing, and can be repeated.
    func read(into bytes: inout MutableSpan<UInt8>, at offset: Int) throws(BlobError) -> Int
}
