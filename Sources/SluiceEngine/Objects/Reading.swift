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

/// Which grants a read needs: for the current key of the scope and, where bytes or metadata are read, for that of the
/// encryption scope and for the version that wraps the object's data key. All may have moved on since the read began, so
/// the catalog is asked again whenever the vaults are; and what it says is believed once it is authenticated.
struct ReadAuthority: PassageAuthority {
    let authorizer: ReadAuthorizer
    let scope: Scope
    /// Nil where only names are read.
    let object: OpenObject?

    func renew(_ passage: inout Passage) throws(VaultError) {
        let now: [(place: KeyPlace, identity: Identity)]
        do throws(StoreError) {
            now = try places()
        } catch {
            throw VaultError(
                error.code == .integrity ? .damaged : .io, error.reason, about: error.subject,
                remedies: error.remedies, cause: error)
        }
        var grants: [Grant] = []
        for (place, identity) in now {
            grants.append(
                try authorizer.access.renewedReadGrant(place.key, rowID: place.rowID, as: identity))
        }
        passage = Passage(
            grants[0], grants.count > 1 ? grants[1] : nil, grants.count > 2 ? grants[2] : nil)
    }

    /// The key versions that are needed now, and for whom.
    private func places() throws(StoreError) -> [(place: KeyPlace, identity: Identity)] {
        try authorizer.catalog.checkPlace()
        let names = try authorizer.currentKey(of: scope)
        let first = (place: names.place, identity: names.principals.principal(for: names.place.key))
        guard let object, let encryption = object.encryptionScope else { return [first] }
        let current = encryption === scope ? names : try authorizer.currentKey(of: encryption)
        let own = try authorizer.currentKey(
            of: object, in: encryption, scopeKey: current.place)
        var places = [first]
        for place in [current.place, own] {
            let identity = current.principals.principal(for: place.key)
            guard !places.contains(where: { $0.place == place && $0.identity == identity }) else {
                continue
            }
            places.append((place, identity))
        }
        return places
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
