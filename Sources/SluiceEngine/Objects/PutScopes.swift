internal import SluiceAccess
internal import SluiceNative

/// The scopes of an object that is put: the one that has its name, and its encryption scope, for which its bytes and its
/// metadata are sealed. Most often they are one.
struct PutScopes: Sendable {
    let names: Scope
    let encryption: Scope

    init(_ names: Scope, encryption: Scope? = nil) {
        self.names = names
        self.encryption = encryption ?? names
    }

    /// The row of the encryption scope, if that is another.
    var encryptionRowID: Int? { isOne ? nil : encryption.record.rowID }

    /// Whether they are one.
    var isOne: Bool { names.record.rowID == encryption.record.rowID }

    /// What a put uses them for: the first has the name, the second, if there is one, wraps the data key.
    func uses(isChange: Bool) -> (names: ScopeUse, encryption: ScopeUse?) {
        guard !isOne else { return (names.use(for: .wrapKey, isChange: isChange), nil) }
        return (names.use(for: .unwrapKey, isChange: isChange), encryption.use(for: .wrapKey))
    }

    /// Each of them once.
    var all: [Scope] { isOne ? [names] : [names, encryption] }

    /// Corrects what an operation took to be so of them, for which it was stale.
    func correct(
        _ names: inout ScopeUse, _ encryption: inout ScopeUse?, by finding: CatalogFinding,
        library: CryptoLibrary
    ) throws(StoreError) {
        try self.names.correct(&names, by: finding, library: library)
        guard var use = encryption else { return }
        try self.encryption.correct(&use, by: finding, library: library)
        encryption = use
    }

    /// The one in this row.
    func scope(rowID: Int) -> Scope { encryption.record.rowID == rowID ? encryption : names }

    /// Whether they are the same scopes as others, opened anew perhaps.
    func areSame(as others: PutScopes) -> Bool {
        names.record.scopeID == others.names.record.scopeID
            && encryption.record.scopeID == others.encryption.record.scopeID
    }
}

extension OpenObject {
    /// Its scopes, as far as they were opened for it.
    var scopes: PutScopes { PutScopes(scope, encryption: encryptionScope) }
}

extension ScopeRegistry {
    /// The scopes that a put goes to; none is made for one that is only tried.
    func scopesForPut(
        _ name: ScopeName, encryption: ScopeName?, isDryRun: Bool = false
    ) throws(StoreError) -> PutScopes {
        let names = isDryRun ? try scope(named: name) : try scopeForPut(name)
        guard let encryption, encryption != name else { return PutScopes(names) }
        return PutScopes(names, encryption: try scope(named: encryption))
    }

    /// The same scopes, as they are now.
    func scopes(as scopes: PutScopes) throws(StoreError) -> PutScopes {
        let names = try scope(named: scopes.names.record.name)
        guard !scopes.isOne else { return PutScopes(names) }
        return PutScopes(names, encryption: try scope(named: scopes.encryption.record.name))
    }

    /// Runs `body` with the scopes that a put goes to; again, if one has taken up another key version meanwhile.
    func withScopesForPut<Value>(
        _ name: ScopeName, encryption: ScopeName?, _ body: (PutScopes) throws(StoreError) -> Value
    ) throws(StoreError) -> Value {
        while true {
            do throws(StoreError) {
                return try body(try scopesForPut(name, encryption: encryption))
            } catch {
                guard error.code == .scopeMoved else { throw error }
            }
        }
    }

    /// The encryption scope of an object, opened for it.
    @discardableResult
    func encryptionScope(of object: OpenObject) throws(StoreError) -> Scope {
        if let scope = object.encryptionScope { return scope }
        guard let rowID = object.row.encryptionRowID, let name = object.encryptionName,
            let scope = try find(name), scope.record.rowID == rowID
        else {
            let name = ObjectName.printable(object.name)
            // With the object went what held the scope, perhaps.
            let namesRowID = object.scope.record.rowID
            guard try catalog.isThere(object.row, scope: namesRowID) else {
                throw StoreError.noObject(try ObjectName(document: object.name))
            }
            throw StoreError(
                .integrity, "the scope that '\(name)' is sealed for is not in the catalog",
                about: .object(name), remedies: [.run(.repair(store: nil)), .restoreBackup])
        }
        object.noteOpened(scope)
        return scope
    }
}
