package import SluiceVault

/// What tests and proofs put into a store; where there is nothing it costs a comparison.
package struct StoreSeams: Sendable {
    /// Is told of every release inside its slot, which is held until this returns. Called from any thread.
    package var onRelease: (@Sendable (ReleaseMoment) -> Void)?
    /// A rule of the read barrier that the store is to break.
    package var barrierFault: BarrierFault?
}

/// How far a release has come.
package enum ReleaseMoment: Sendable {
    /// The slot is taken, and nothing is released yet.
    case entered
    /// Everything is released, and the slot is still held.
    case done
}
