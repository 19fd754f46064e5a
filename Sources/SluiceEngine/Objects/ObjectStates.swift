internal import SluiceAccess
internal import SluiceFormat
internal import SluiceNative

/// Judges whether what holds an object lets it be changed. Thread-safe.
///
/// Invariant: what is judged is sealed, so it is judged before the transaction, which compares the row's revision
/// (``StateBasis``). Most objects have no row: that is taken to be so, and the transaction tells if it isn't.
final class ObjectStates: Sendable, StoreComponent {
    let context: StoreContext

    init(context: StoreContext) {
        self.context = context
    }

    /// What holds an object, and the row that says so.
    func state(
        ofTag tag: [UInt8], in scope: Scope
    ) throws(StoreError) -> (document: StateDocument, basis: StateBasis) {
        guard let row = try catalog.state(scope: scope.record.rowID, tag: tag) else {
            return (StateDocument(), .none)
        }
        return (try scope.openState(row), StateBasis(revision: row.revision))
    }

    /// What an operation that changes an object under this condition takes to hold it; throws if that doesn't let it.
    ///
    /// - Parameter areNotes: Whether nothing but notes are changed, which a hold lets through.
    func basis(
        of condition: Condition, for name: ObjectName, tag: [UInt8], in scope: Scope,
        areNotes: Bool = false
    ) throws(StoreError) -> StateBasis {
        let (state, basis) = try state(ofTag: tag, in: scope)
        if let refusal = leaseRefusal(state.lease, condition, name, isChange: true) {
            throw refusal
        }
        if !areNotes, let refusal = holdRefusal(state, name) { throw refusal }
        return basis
    }

    /// The same, without a look where the condition doesn't ask for a lease.
    func basisWithoutLook(
        of condition: Condition, for name: ObjectName, tag: [UInt8], in scope: Scope
    ) throws(StoreError) -> StateBasis {
        guard condition.leaseID != nil else { return .none }
        return try basis(of: condition, for: name, tag: tag, in: scope)
    }

    /// Why a lease doesn't allow an object to be read, or changed, by whoever shows the lease that the condition
    /// has, or none; nil if it does.
    func leaseRefusal(
        _ lease: StateDocument.Lease?, _ condition: Condition, _ name: ObjectName, isChange: Bool
    ) -> StoreError? {
        let now = clock.nowMilliseconds()
        let isActive = lease.map { Lease($0, now: now).isActive } ?? false
        guard let shown = condition.leaseID else {
            guard isChange, isActive else { return nil }
            return StoreError(
                .leased, "'\(name)' is leased; nothing was changed",
                about: .object(name.description),
                remedies: [.choose(.lease), .run(.breakLease(of: name.description))])
        }
        guard let lease, lease.id == shown.bytes else {
            return StoreError(
                .conditionNotMet,
                isActive
                    ? "'\(name)' is leased by another; nothing was changed"
                    : "'\(name)' isn't leased; nothing was changed",
                about: .object(name.description),
                remedies: [
                    isActive
                        ? .run(.breakLease(of: name.description)) : .other("leave the lease out")
                ])
        }
        guard !isActive else { return nil }
        return StoreError(
            .conditionNotMet, "the lease of '\(name)' has ended; nothing was changed",
            about: .object(name.description), remedies: [.other("acquire one again")])
    }

    private func holdRefusal(_ state: StateDocument, _ name: ObjectName) -> StoreError? {
        let isRetained =
            state.retention.map { $0.untilMilliseconds > clock.nowMilliseconds() } ?? false
        guard state.isHeld || isRetained else { return nil }
        return StoreError(
            .held,
            state.isHeld
                ? "'\(name)' is held until that is taken back; nothing was changed"
                : "'\(name)' is retained until a later time; nothing was changed",
            about: .object(name.description),
            remedies: state.isHeld ? [.run(.endHold(on: name.description))] : [])
    }
}
