internal import SluiceAccess
internal import SluiceFormat
internal import SluiceNative

/// Sets what holds objects. Thread-safe.
final class LeaseKeeper: Sendable, StoreComponent {
    let context: StoreContext
    let registry: ScopeRegistry
    let finder: ObjectFinder
    let states: ObjectStates
    let authorizer: ReadAuthorizer

    init(
        context: StoreContext, registry: ScopeRegistry, finder: ObjectFinder, states: ObjectStates,
        authorizer: ReadAuthorizer
    ) {
        self.context = context
        self.registry = registry
        self.finder = finder
        self.states = states
        self.authorizer = authorizer
    }

    func lease(of name: ObjectName, in scopeName: ScopeName) throws(StoreError) -> Lease? {
        let lease = try state(of: name, in: scopeName).lease
        return lease.map { Lease($0, now: clock.nowMilliseconds()) }
    }

    func hold(on name: ObjectName, in scopeName: ScopeName) throws(StoreError) -> ObjectHold {
        let state = try state(of: name, in: scopeName)
        return ObjectHold(
            untilMilliseconds: state.retention?.untilMilliseconds,
            isLocked: state.retention?.isLocked ?? false, isHeld: state.isHeld)
    }

    private func state(
        of name: ObjectName, in scopeName: ScopeName
    ) throws(StoreError) -> StateDocument {
        let object = try finder.find(name, in: scopeName)
        let state = try states.state(ofTag: object.row.tag, in: object.scope).document
        var reading = try authorizer.reading(object)
        return try access.release(&reading) { state }
    }

    /// Changes the lease of an object to what `body` makes of it; nil if that is none.
    func changeLease(
        of name: ObjectName, in scopeName: ScopeName, _ condition: Condition,
        _ body: (StateDocument.Lease?, LeaseChange) throws(StoreError) -> StateDocument.Lease?
    ) throws(StoreError) -> Lease? {
        try name.requireOwn()
        let changed = try change(name, in: scopeName, condition) {
            state throws(StoreError) in
            let change = LeaseChange(name: name, now: clock.nowMilliseconds(), library: library)
            state.lease = try body(state.lease, change)
        }
        return changed.lease.map { Lease($0, now: clock.nowMilliseconds()) }
    }

    func setHold(
        _ hold: ObjectHold, on name: ObjectName, in scopeName: ScopeName, _ condition: Condition
    ) throws(StoreError) {
        _ = try change(name, in: scopeName, condition) { state throws(StoreError) in
            let new = hold.untilMilliseconds.map {
                StateDocument.Retention(untilMilliseconds: $0, isLocked: hold.isLocked)
            }
            if let old = state.retention, old.isLocked,
                old.untilMilliseconds > clock.nowMilliseconds()
            {
                guard let new, new.isLocked, new.untilMilliseconds >= old.untilMilliseconds else {
                    throw StoreError(
                        .held, "'\(name)' is retained, and locked: the time can only be put off",
                        about: .object(name.description))
                }
            }
            (state.retention, state.isHeld) = (new, hold.isHeld)
        }
    }

    private func change(
        _ name: ObjectName, in scopeName: ScopeName, _ condition: Condition,
        _ body: (inout StateDocument) throws(StoreError) -> Void
    ) throws(StoreError) -> StateDocument {
        try context.checkWritable()
        while true {
            let object = try finder.find(name, in: scopeName)
            try finder.check(condition, of: object, named: name)
            let (scope, tag) = (object.scope, object.row.tag)
            var (state, basis) = try states.state(ofTag: tag, in: scope)
            try body(&state)
            let operation = StateOperation(
                tag: tag, basis: basis,
                row: state.isEmpty ? nil : try scope.sealState(state, tag: tag, library: library),
                name: name, condition: condition, scope: scope.use(for: .unwrapKey))
            switch try catalog.setState(operation) {
            case .committed: return state
            case .refused(let error): throw error
            case .stale(let finding): try scope.lookAgain(finding, library: library)
            }
        }
    }
}
