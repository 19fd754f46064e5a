package import SluiceAccess

/// What tests and proofs put into a store; where there is nothing it costs a comparison.
package struct StoreSeams: Sendable {
    /// Is told of every release inside its slot, which is held until this returns. Called from any thread.
    package var onRelease: (@Sendable (ReleaseMoment) -> Void)?
    /// Is told that an operation has come to a point at which it may be interrupted. Called from any thread.
    package var onMoment: (@Sendable (StoreMoment) -> Void)?
    /// Is told that the vault has unwrapped a key, which nobody has by then. Called from any thread.
    package var onUnwrap: (@Sendable () -> Void)?
    /// Pages in the write-ahead log after which a batch begins with a checkpoint.
    package var checkpointFrameCount = 2000
    /// Names in a directory from which on its listing leaves a run.
    package var leastRunNameCount = 10_000
    /// Scopes that are open at once, at most.
    package var openScopeCount = 1024
    /// What takes the place of steps of the read barrier.
    package var barrierHook: (any BarrierHook)?

    /// Nothing.
    package init() {}
}

/// A point of an operation, after which a crash finds something half done; a COMMIT is a release.
package enum StoreMoment: String, CaseIterable, Sendable {
    /// A blob is complete and durable in `staging/`.
    case staged
    /// It is linked to where its row will say that it is.
    case linked
    /// That row is committed, and the caller hasn't been told.
    case committed
    /// The link in `staging/` is gone.
    case finished
    /// Blobs that nothing references are unlinked, and their rows still there.
    case reaped
    /// The vault knows of a key version that a scope is about to take up.
    case registered
    /// A backup has its catalog, and not yet its blobs.
    case catalogCopied
    /// A sweep has read a page of wrapped keys.
    case pageRead
    /// It has unwrapped one of them.
    case unwrapped
    /// It has wrapped it again.
    case wrapped
    /// It has handed a page on to be committed.
    case submitted
    /// It has counted a committed page.
    case counted
    /// It has ended.
    case swept
    /// No store needs a key version that is to be retired, the first time or the second.
    case asked
}

/// How far a release has come.
package enum ReleaseMoment: Sendable {
    /// The slot is taken, and nothing is released yet.
    case entered
    /// Everything is released, and the slot is still held.
    case done
}
