internal import SluiceAccess
internal import SluiceFormat
internal import SluiceNative

/// Tells whether files of a tree are in the store as they are. Thread-safe.
final class StoredFiles: Sendable, StoreComponent {
    let context: StoreContext
    let finder: ObjectFinder
    let authorizer: ReadAuthorizer
    let keyring: ObjectKeyring

    init(
        context: StoreContext, finder: ObjectFinder, authorizer: ReadAuthorizer,
        keyring: ObjectKeyring
    ) {
        self.context = context
        self.finder = finder
        self.authorizer = authorizer
        self.keyring = keyring
    }

    /// Whether the object that a put would replace has the size, and notes of its file all, that the file has now;
    /// and says what the put would say of it, if that says anything.
    ///
    /// - Parameter comparesAttributes: Whether the extended attributes have to be the same, too.
    func isStored(
        byteCount: Int, _ plan: PutPlan, in scopes: PutScopes, comparesAttributes: Bool
    ) throws(StoreError) -> Bool {
        let scope = scopes.names
        // Asked for an object that isn't there, the put answers for itself.
        guard plan.condition == .always, let file = plan.attributes.properties.file,
            file.isSettled
        else { return false }
        let tag = try finder.tag(of: plan.name, in: scope)
        guard let row = try catalog.object(scope: scope.record.rowID, tag: tag),
            row.byteCount == byteCount, row.encryptionRowID == scopes.encryptionRowID
        else { return false }
        do throws(StoreError) {
            let object = try finder.authenticate(row, name: plan.name, in: scope)
            guard
                try object.file()?.isSame(as: file, comparingAttributes: comparesAttributes) == true
            else { return false }
            // That it is sealed for that scope, its keys prove.
            if !scopes.isOne { _ = try keyring.keys(of: object) }
            return try says(plan.attributes, object, for: scopes.encryption)
        } catch {
            // What is damaged is put again, and what is sealed with a key that a tree hasn't.
            guard error.code == .integrity || error.code == .keyMismatch else { throw error }
            return false
        }
    }

    /// What is noted of the file that an object was put from; nil if nothing is, or it is damaged or not there.
    func file(
        of name: ObjectName, in scopes: PutScopes
    ) throws(StoreError) -> FileProperties? {
        let scope = scopes.names
        let tag = try finder.tag(of: name, in: scope)
        guard let row = try catalog.object(scope: scope.record.rowID, tag: tag) else { return nil }
        do throws(StoreError) {
            return try finder.authenticate(row, name: name, in: scope).file()
        } catch {
            guard error.code == .integrity else { throw error }
            return nil
        }
    }

    private func says(
        _ wanted: ObjectAttributes, _ object: OpenObject, for scope: Scope
    ) throws(StoreError) -> Bool {
        var properties = wanted.properties
        properties.file = nil
        if properties != ObjectProperties() {
            var stored = try object.document.objectProperties()
            stored.file = nil
            guard stored == properties else { return false }
        }
        if wanted.metadata.isEmpty { return true }
        return try object.metadata(in: scope) == wanted.metadata
    }

    /// Lets somebody know what scopes have, through the gate.
    func release(_ scopes: PutScopes) throws(StoreError) {
        for scope in scopes.all {
            var reading = try authorizer.reading(scope)
            try access.release(&reading) {}
        }
    }
}
