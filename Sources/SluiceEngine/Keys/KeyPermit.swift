internal import SluiceAccess

/// What several grants at once are asked for and released under: a COMMIT's, or those of names of several scopes.
struct KeyPermit: CommitPermit {
    let keyService: any KeyService
    let onRelease: (@Sendable (ReleaseMoment) -> Void)?

    init(_ keyService: any KeyService, seams: StoreSeams) {
        self.keyService = keyService
        onRelease = seams.onRelease
    }

    /// The vault's answer, as of now, that a key version may be used.
    func grant(_ use: KeyUse) throws(VaultError) -> Grant {
        try keyService.authorize(use.key, for: use.operation, as: use.identity, deadline: .none)
    }

    func refusal(of need: KeyUse) -> VaultError? {
        do throws(VaultError) {
            _ = try grant(need)
            return nil
        } catch {
            return error
        }
    }

    /// Releases under several grants at once, each asked for now: a COMMIT under everything that its transaction
    /// needs, which is a release too (see "The read barrier" in the DESIGN article), or names of several scopes.
    func release<Value, Failure: Error>(
        under needs: Set<KeyUse>, _ act: () throws(Failure) -> Value
    ) throws(GateError<Failure>) -> Value {
        guard let first = needs.first else {
            do { return try act() } catch { throw .act(error) }
        }
        let released: ReleaseGate
        do throws(VaultError) {
            released = try keyService.gate()
        } catch {
            throw .refused(error)
        }
        let gate = GrantGate(released, CommitAuthority(permit: self, needs: needs))
        // Of no epoch, so that the vault is asked for all of them.
        var passage = Passage(
            Grant(
                key: first.key, identity: first.identity, operation: first.operation, epoch: 0))
        return try gate.release(&passage) { () throws(Failure) -> Value in
            onRelease?(.entered)
            let value = try act()
            onRelease?(.done)
            return value
        }
    }
}

/// Asks for everything that a transaction needs; its passage stands for all of it.
private struct CommitAuthority: PassageAuthority {
    let permit: KeyPermit
    let needs: Set<KeyUse>

    func renew(_ passage: inout Passage) throws(VaultError) {
        for use in needs { passage.first = try permit.grant(use) }
    }
}
