internal import SluiceAccess
internal import SluiceNative

/// How what is sealed is committed, and made anew if what it took to be so isn't.
extension ObjectWriter {
    /// What committing an object takes.
    func operation(
        _ object: NewObject, _ plan: PutPlan, of extents: ExtentBasis? = nil,
        in scopes: PutScopes
    ) throws(StoreError) -> PutOperation {
        var made: Set<[UInt8]> = []
        return try operation(object, plan, of: extents, in: scopes, besides: &made)
    }

    /// The same, in a transaction that has `made` some directories before.
    func operation(
        _ object: NewObject, _ plan: PutPlan, of extents: ExtentBasis? = nil,
        in scopes: PutScopes, besides made: inout Set<[UInt8]>
    ) throws(StoreError) -> PutOperation {
        let scope = scopes.names
        let uses = scopes.uses(isChange: true)
        return PutOperation(
            object: object, condition: plan.condition,
            basis: try finder.basis(of: plan.condition, for: plan.name, in: scope),
            scope: uses.names, encryption: uses.encryption,
            directories: try sealer.directories(
                holding: plan.name, tag: object.directory, in: scope, besides: &made),
            needs: plan.needs, extents: extents ?? plan.basis,
            keeping: plan.isEdit ? nil : try keeping(object, in: scope),
            state: try finder.states.basisWithoutLook(
                of: plan.condition, for: plan.name, tag: object.tag, in: scope))
    }

    private func keeping(
        _ object: NewObject, in scope: Scope
    ) throws(StoreError) -> Keeping? {
        try versionKeeper.keeping(
            object.name, tag: object.tag, in: scope, scope.record.retention, isRemoval: false)
    }

    /// Sees a put through that was answered: commits it again while its directories, or the object that it is to
    /// replace, aren't as they were thought to be. Throws ``StoreError/Code/scopeMoved`` if it is to be sealed
    /// again, for the scope has another key version by now.
    func finish(
        _ put: PutOperation, in scopes: PutScopes, _ answer: CatalogAnswer<PutOutcome>
    ) throws(StoreError) {
        let scope = scopes.names
        var (put, answer) = (put, answer)
        while true {
            switch answer {
            case .committed(let outcome):
                for row in put.directories.rows { scope.knownDirectories.insert(row.tag) }
                if let version = put.keeping?.version { scope.noteKept(version) }
                if outcome.isReplacement { cache.objects.remove(put.object.tag) }
                return
            case .refused(let error): throw error
            case .stale(.scope(let rowID, let found)):
                _ = try scopes.scope(rowID: rowID).place(in: found, library: library)
                throw StoreError(.scopeMoved, "the scope has another key version by now")
            case .stale(.otherExtents):
                throw StoreError(
                    .extentsMoved, "what the extents were taken from is another by now")
            case .stale(.otherObject):
                put.basis = try finder.basis(
                    of: put.condition, for: put.object.name, in: scope)
                if put.keeping != nil { put.keeping = try keeping(put.object, in: scope) }
                answer = try catalog.put([put])[0]
            case .stale(.otherState):
                put.state = try finder.states.basis(
                    of: put.condition, for: put.object.name, tag: put.object.tag, in: scope)
                answer = try catalog.put([put])[0]
            case .stale(.noDirectory):
                scope.knownDirectories.removeAll()
                put.directories = try sealer.directories(
                    holding: put.object.name, tag: put.object.directory, in: scope)
                if put.keeping != nil { put.keeping = try keeping(put.object, in: scope) }
                answer = try catalog.put([put])[0]
            }
        }
    }

    /// Commits a large object's row, with other callers', under the grants that its making used.
    ///
    /// The data key is the object's own, and no row has it yet: if the scope has taken up another version
    /// since the object was sealed, the key is wrapped under that instead.
    func commit(
        _ sealed: NewObject, _ dataKey: DataKey, _ plan: PutPlan, of extents: ExtentBasis? = nil,
        in sealingScopes: PutScopes
    ) throws(StoreError) -> ObjectInfo {
        var (scopes, object) = (sealingScopes, sealed)
        while true {
            do throws(StoreError) {
                let put = try operation(object, plan, of: extents, in: scopes)
                try finish(put, in: scopes, try catalog.put([put])[0])
                return ObjectInfo(object, plan, in: scopes)
            } catch {
                guard error.code == .scopeMoved else { throw error }
                scopes = try registry.scopes(as: scopes)
                guard scopes.areSame(as: sealingScopes) else {
                    throw StoreError.missingScope(scopes.names.record.name)
                }
                object.wrapped = try sealer.dataKeys.wrapped(
                    dataKey.secret.copy(), in: scopes.encryption
                ).wrapped
            }
        }
    }
}
