/// What a test puts in the place of steps of the read barrier, to see that its proof notices a wrong one.
package protocol BarrierHook: Sendable {
    /// Takes a slot as ``ReadBarrier/enter(_:_:)`` does.
    func enter(
        _ barrier: ReadBarrier, _ passage: inout Passage,
        _ authority: borrowing some PassageAuthority
    ) throws(VaultError) -> Int

    /// The epoch in which a change is committed, where `odd` is the right one.
    func epochOfChange(_ odd: UInt64) -> UInt64

    /// Whether a change waits for those who release under what was allowed before.
    var waitsForReaders: Bool { get }
}
