internal import SluiceAccess
internal import SluiceNative

/// What holds objects: looked at by whatever changes them, in the same transaction.
extension CatalogWriter {
    /// Whether nothing else holds the object with this tag than what was looked at.
    mutating func holds(
        _ basis: StateBasis, tag: [UInt8], scope: Int
    ) throws(StoreError) -> Bool {
        try states.isSo(basis, scope: scope, tag: tag, connection)
    }

    /// Forgets what held an object that gives its name up.
    mutating func releaseState(
        _ basis: StateBasis, tag: [UInt8], scope: Int
    ) throws(StoreError) {
        guard basis != .none else { return }
        hasWritten = true
        try states.delete(scope: scope, tag: tag, connection)
    }

    /// Sets what holds an object.
    mutating func setState(
        _ operation: StateOperation
    ) throws(StoreError) -> CatalogAnswer<Void> {
        let scope = operation.scope.rowID
        if let finding = try use(operation.scope) { return .stale(finding) }
        guard let now = try reader.objects.object(scope: scope, tag: operation.tag) else {
            throw StoreError.noObject(operation.name)
        }
        if let refusal = operation.condition.refusal(of: operation.name, existing: now) {
            throw refusal
        }
        guard try holds(operation.basis, tag: operation.tag, scope: scope) else {
            return .stale(.otherState)
        }
        hasWritten = true
        if let row = operation.row {
            try states.set(
                row, scope: scope, milliseconds: WallClock.nowMilliseconds, connection)
        } else {
            try states.delete(scope: scope, tag: operation.tag, connection)
        }
        return .committed(())
    }
}
