internal import SluiceAccess
internal import SluiceFormat
internal import SluiceNative

/// Leases of a store's objects, and holds on them (``Store/leases``). Thread-safe.
///
/// A lease is by name: while one is active, whatever changes, replaces or removes the object of that name has to show it
/// (``Condition/leased(as:)``), else it is refused with ``StoreError/Code/leased``. A held object can't be changed by
/// anybody (``StoreError/Code/held``), but for its tier and tags. Both go with the object when it is removed, and with its
/// scope. Times are those of the vaults' clock. Each method throws ``StoreError/Code/notFound`` if there is no such object.
public final class ObjectLeases: Sendable {
    private let keeper: LeaseKeeper
    private let runner: OperationRunner

    init(_ keeper: LeaseKeeper, _ runner: OperationRunner) {
        self.keeper = keeper
        self.runner = runner
    }

    /// The lease of an object, whatever has become of it; nil if it has none.
    @available(*, noasync)
    public func lease(
        of name: ObjectName, in scope: ScopeName = .default
    ) throws(StoreError) -> Lease? {
        try keeper.lease(of: name, in: scope)
    }

    /// Leases an object; ``StoreError/Code/leased`` if it is, unless with this id.
    ///
    /// - Parameters:
    ///   - duration: How long, from 1 to 2^32 - 1 whole seconds; nil if it shall have no end.
    ///   - id: What it shall be called; a fresh id if nil.
    @available(*, noasync)
    @discardableResult
    public func acquire(
        _ name: ObjectName, for duration: Duration? = nil, as id: LeaseID? = nil,
        in scope: ScopeName = .default, if condition: Condition = .always
    ) throws(StoreError) -> Lease {
        try change(name, scope, condition) { lease, change throws(StoreError) in
            try change.acquired(lease, for: duration, as: id)
        }
    }

    /// Has a lease begin anew, also one whose time is over; ``StoreError/Code/conditionNotMet`` if the object has
    /// another, or none, or if it was broken.
    @available(*, noasync)
    @discardableResult
    public func renew(
        _ name: ObjectName, _ id: LeaseID, in scope: ScopeName = .default,
        if condition: Condition = .always
    ) throws(StoreError) -> Lease {
        try change(name, scope, condition) { lease, change throws(StoreError) in
            try change.renewed(lease, id)
        }
    }

    /// Gives a lease another id; ``StoreError/Code/conditionNotMet`` if the object isn't leased with either.
    @available(*, noasync)
    @discardableResult
    public func change(
        _ name: ObjectName, _ id: LeaseID, to new: LeaseID,
        in scope: ScopeName = .default, if condition: Condition = .always
    ) throws(StoreError) -> Lease {
        try change(name, scope, condition) { lease, change throws(StoreError) in
            try change.changed(lease, id, to: new)
        }
    }

    /// Ends a lease, so that the object can be leased at once; ``StoreError/Code/conditionNotMet`` if it has another,
    /// or none.
    @available(*, noasync)
    public func release(
        _ name: ObjectName, _ id: LeaseID, in scope: ScopeName = .default,
        if condition: Condition = .always
    ) throws(StoreError) {
        _ = try keeper.changeLease(of: name, in: scope, condition) {
            lease, change throws(StoreError) -> StateDocument.Lease? in
            try change.released(lease, id)
            return nil
        }
    }

    /// Ends a lease, whoever has it, after a while; ``StoreError/Code/conditionNotMet`` if there is none.
    ///
    /// - Parameter duration: How long it still holds, in whole seconds, at most; nil for as long as it would have lasted, and not at all if
    ///   it has no end.
    @available(*, noasync)
    @discardableResult
    public func `break`(
        _ name: ObjectName, after duration: Duration? = nil, in scope: ScopeName = .default,
        if condition: Condition = .always
    ) throws(StoreError) -> Lease {
        try change(name, scope, condition) { lease, change throws(StoreError) in
            try change.broken(lease, after: duration)
        }
    }

    /// What holds an object.
    @available(*, noasync)
    public func hold(
        on name: ObjectName, in scope: ScopeName = .default
    ) throws(StoreError) -> ObjectHold {
        try keeper.hold(on: name, in: scope)
    }

    /// Sets what holds an object, or a version; ``StoreError/Code/held`` if it is locked, and would be shortened.
    @available(*, noasync)
    public func setHold(
        _ hold: ObjectHold, on name: ObjectName, in scope: ScopeName = .default,
        if condition: Condition = .always
    ) throws(StoreError) {
        try keeper.setHold(hold, on: name, in: scope, condition)
    }

    private func change(
        _ name: ObjectName, _ scope: ScopeName, _ condition: Condition,
        _ body: (StateDocument.Lease?, LeaseChange) throws(StoreError) -> StateDocument.Lease
    ) throws(StoreError) -> Lease {
        let made = try keeper.changeLease(of: name, in: scope, condition) {
            lease, change throws(StoreError) -> StateDocument.Lease? in
            try body(lease, change)
        }
        guard let made else { preconditionFailure("a lease was changed to none") }
        return made
    }

    // MARK: Asynchronous

    /// The lease of an object. See the synchronous method.
    public func lease(
        of name: ObjectName, in scope: ScopeName = .default
    ) async throws(StoreError) -> Lease? {
        try await runner.run { _ throws(StoreError) in
            try self.lease(of: name, in: scope)
        }
    }

    /// Leases an object. See the synchronous method.
    @discardableResult
    public func acquire(
        _ name: ObjectName, for duration: Duration? = nil, as id: LeaseID? = nil,
        in scope: ScopeName = .default, if condition: Condition = .always
    ) async throws(StoreError) -> Lease {
        try await runner.run { _ throws(StoreError) in
            try self.acquire(name, for: duration, as: id, in: scope, if: condition)
        }
    }

    /// Has a lease begin anew. See the synchronous method.
    @discardableResult
    public func renew(
        _ name: ObjectName, _ id: LeaseID, in scope: ScopeName = .default,
        if condition: Condition = .always
    ) async throws(StoreError) -> Lease {
        try await runner.run { _ throws(StoreError) in
            try self.renew(name, id, in: scope, if: condition)
        }
    }

    /// Gives a lease another id. See the synchronous method.
    @discardableResult
    public func change(
        _ name: ObjectName, _ id: LeaseID, to new: LeaseID,
        in scope: ScopeName = .default, if condition: Condition = .always
    ) async throws(StoreError) -> Lease {
        try await runner.run { _ throws(StoreError) in
            try self.change(name, id, to: new, in: scope, if: condition)
        }
    }

    /// Ends a lease. See the synchronous method.
    public func release(
        _ name: ObjectName, _ id: LeaseID, in scope: ScopeName = .default,
        if condition: Condition = .always
    ) async throws(StoreError) {
        try await runner.run { _ throws(StoreError) in
            try self.release(name, id, in: scope, if: condition)
        }
    }

    /// Ends a lease, whoever has it. See the synchronous method.
    @discardableResult
    public func `break`(
        _ name: ObjectName, after duration: Duration? = nil, in scope: ScopeName = .default,
        if condition: Condition = .always
    ) async throws(StoreError) -> Lease {
        try await runner.run { _ throws(StoreError) in
            try self.`break`(name, after: duration, in: scope, if: condition)
        }
    }

    /// What holds an object. See the synchronous method.
    public func hold(
        on name: ObjectName, in scope: ScopeName = .default
    ) async throws(StoreError) -> ObjectHold {
        try await runner.run { _ throws(StoreError) in
            try self.hold(on: name, in: scope)
        }
    }

    /// Sets what holds an object. See the synchronous method.
    public func setHold(
        _ hold: ObjectHold, on name: ObjectName, in scope: ScopeName = .default,
        if condition: Condition = .always
    ) async throws(StoreError) {
        try await runner.run { _ throws(StoreError) in
            try self.setHold(hold, on: name, in: scope, if: condition)
        }
    }
}

/// What becomes of a lease, by the rules of the service that Sluice models.
struct LeaseChange: Sendable {
    let name: ObjectName
    let now: Int
    let library: CryptoLibrary

    func acquired(
        _ old: StateDocument.Lease?, for duration: Duration?, as id: LeaseID?
    ) throws(StoreError) -> StateDocument.Lease {
        var seconds = 0
        if let duration {
            seconds = try duration.seconds(of: "the duration of a lease")
            guard seconds > 0 else {
                throw StoreError(.invalidArgument, "a lease lasts for a second at least")
            }
        }
        if let old {
            let lease = Lease(old, now: now)
            guard !lease.isActive || (lease.state == .leased && lease.id == id) else {
                throw StoreError(
                    .leased, "'\(name)' is leased", about: .object(name.description),
                    remedies: [
                        .other("wait until the lease ends"),
                        .run(.breakLease(of: name.description)),
                    ])
            }
        }
        var bytes = id?.bytes
        if bytes == nil { bytes = try library.identifier() }
        return StateDocument.Lease(
            id: bytes ?? [], seconds: seconds, renewedMilliseconds: now)
    }

    func renewed(
        _ old: StateDocument.Lease?, _ id: LeaseID
    ) throws(StoreError) -> StateDocument.Lease {
        var lease = try mine(old, id)
        guard lease.brokenMilliseconds == nil else { throw refusal("its lease was broken") }
        lease.renewedMilliseconds = now
        return lease
    }

    func changed(
        _ old: StateDocument.Lease?, _ id: LeaseID, to new: LeaseID
    ) throws(StoreError) -> StateDocument.Lease {
        // Whoever asks twice has it already.
        var lease = try mine(old, old?.id == new.bytes ? new : id)
        guard Lease(lease, now: now).state == .leased else { throw refusal("its lease has ended") }
        lease.id = new.bytes
        return lease
    }

    func released(_ old: StateDocument.Lease?, _ id: LeaseID) throws(StoreError) {
        _ = try mine(old, id)
    }

    func broken(
        _ old: StateDocument.Lease?, after duration: Duration?
    ) throws(StoreError) -> StateDocument.Lease {
        guard var lease = old else { throw refusal("it has no lease") }
        let seconds = try duration.map { duration throws(StoreError) in
            try duration.seconds(of: "the time after which a lease is broken")
        }
        let state = Lease(lease, now: now)
        guard state.isActive else {
            lease.brokenMilliseconds = min(lease.brokenMilliseconds ?? now, now)
            return lease
        }
        let asked = seconds.map { now + $0 * 1000 }
        lease.brokenMilliseconds = min(
            asked ?? state.endMilliseconds ?? now, state.endMilliseconds ?? asked ?? now)
        return lease
    }

    private func mine(
        _ old: StateDocument.Lease?, _ id: LeaseID
    ) throws(StoreError) -> StateDocument.Lease {
        guard let old else { throw refusal("it has no lease") }
        guard old.id == id.bytes else { throw refusal("its lease is another's") }
        return old
    }

    private func refusal(_ why: String) -> StoreError {
        StoreError(
            .conditionNotMet, "the lease of '\(name)' was not changed: \(why)",
            about: .object(name.description))
    }
}
