internal import SluiceAccess
internal import SluiceFormat

/// What the releases of one read go through the gate with.
struct Reading: ~Copyable, Sendable {
    var passage: Passage
    /// Made once for all releases: what it asks takes longer to copy than a release to be entered.
    let gate: GrantGate<ReadAuthority>

    init(passage: consuming Passage, authority: ReadAuthority) {
        self.passage = passage
        gate = GrantGate(authority.scope.gate, authority)
    }
}

/// Which grants a read needs: for the current key of the scope, and for the version that wraps the
/// object's data key. Both may have moved on since the read began, so the catalog is asked again
/// whenever the vaults are; and what it says is believed once it is authenticated.
struct ReadAuthority: PassageAuthority {
    let authorizer: ReadAuthorizer
    let scope: Scope
    /// Nil where only names are read.
    let object: OpenObject?

    func renew(_ passage: inout Passage) throws(VaultError) {
        let now: (scope: KeyPlace, object: KeyPlace?)
        do throws(StoreError) {
            try authorizer.catalog.place.check()
            let current = try authorizer.currentKey(of: scope)
            var own: KeyPlace?
            if let object { own = try authorizer.currentKey(of: object, scopeKey: current) }
            now = (current, own)
        } catch {
            throw VaultError(
                error.code == .integrity ? .damaged : .io, error.reason, about: error.subject,
                remedies: error.remedies, cause: error)
        }
        passage.first = try authorizer.access.renewedReadGrant(
            now.scope.key, rowID: now.scope.rowID, as: scope.identity)
        passage.second = nil
        if let object = now.object, object.rowID != now.scope.rowID {
            passage.second = try authorizer.access.renewedReadGrant(
                object.key, rowID: object.rowID, as: scope.identity)
        }
    }
}

extension KeyAccess {
    /// Releases plaintext, or what stands for it, by running `act`: every path by which bytes leave
    /// the store ends here. Refused once the access is taken away.
    @inline(__always)
    func release<Value: ~Copyable>(
        _ reading: inout Reading, _ act: () throws(StoreError) -> Value
    ) throws(StoreError) -> Value {
        do throws(GateError<StoreError>) {
            return try reading.gate.release(&reading.passage) { () throws(StoreError) -> Value in
                onRelease?(.entered)
                let value = try act()
                onRelease?(.done)
                return value
            }
        } catch {
            throw refused(error)
        }
    }
}
