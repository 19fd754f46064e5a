/// A rule of the barrier that a test has it break, to see that the test notices.
package enum BarrierFault: String, CaseIterable, Sendable {
    /// A grant is taken for good in a new epoch without asking the vault.
    case skipCheck
    /// The epoch isn't looked at again once the slot is taken.
    case skipSecondLoad
    /// The epoch is looked at again before the slot is taken, not after.
    case loadBeforeStore
    /// A change returns without waiting for the slots.
    case skipWait
    /// A change begins the new epoch before its COMMIT, and no odd one.
    case skipOddEpoch
}
