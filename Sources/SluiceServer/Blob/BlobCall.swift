#if Service
internal import Sluice
internal import SluiceAccess
internal import SluiceControl
internal import SluiceNative
internal import SluiceREST

/// One request to the Blob service, by somebody who may make it.
struct BlobCall {
    let exchange: Exchange
    let route: BlobRoute
    let account: BlobAccount
    let containers: BlobContainers
    let rights: BlobRights
    let now: BlobTime
    let requestID: String

    var request: ServiceRequest { exchange.request }
    var headers: HeaderFields { exchange.request.headers }
    var store: Store { account.store.store }

    // MARK: Answers

    /// The fields that every answer has, and these.
    func fields(_ fields: HeaderFields = HeaderFields()) -> HeaderFields {
        var all = BlobAnswer.common(request, requestID: requestID, at: now)
        all.fields += fields.fields
        return all
    }

    func send(
        _ status: Int? = nil, _ fields: HeaderFields = HeaderFields(), body: [UInt8] = []
    ) throws {
        var all = self.fields(fields)
        if !body.isEmpty, all["Content-Type"] == nil { all["Content-Type"] = "application/xml" }
        try exchange.send(
            ServiceAnswer(
                status: status ?? route.operation.successStatus, headers: all, body: body))
    }

    // MARK: What is asked about

    func container() throws -> BlobContainers.Container {
        guard let name = route.address.container else { throw BlobRefusal(.invalidUri) }
        return try containers.get(name)
    }

    /// The scope of a container's blobs.
    func scope(_ container: BlobContainers.Container) throws -> ScopeName {
        try account.store.blobs(of: account.name, container: container.id)
    }

    /// The blob, or the snapshot, that the request is about.
    func blobName() throws -> ObjectName {
        guard let blob = route.address.blob else { throw BlobRefusal(.invalidUri) }
        let name = try ObjectName(blob)
        guard let snapshot = route.snapshot else { return name }
        guard let id = VersionID(snapshot.exact) else { throw BlobRefusal(.blobNotFound) }
        return name.at(ObjectVersion(id: id, kind: .snapshot))
    }

    /// What is known of a blob; nil if it isn't there.
    ///
    /// Of one whose key is taken away, all but the metadata is known still.
    func find(_ name: ObjectName, in scope: ScopeName) throws -> BlobProperties? {
        do throws(StoreError) {
            return try known(name, in: scope)
        } catch {
            if error.code == .notFound { return nil }
            guard error.code == .accessDenied, name.version == nil else { throw error }
            guard let info = try listed(name, in: scope) else { throw error }
            return BlobProperties(info, lease: try store.leases.lease(of: name, in: scope))
        }
    }

    private func known(
        _ name: ObjectName, in scope: ScopeName
    ) throws(StoreError) -> BlobProperties {
        var lease: Lease?
        if name.version == nil { lease = try store.leases.lease(of: name, in: scope) }
        return BlobProperties(try store.info(name, in: scope), lease: lease)
    }

    /// What a listing says of a blob.
    private func listed(
        _ name: ObjectName, in scope: ScopeName
    ) throws(StoreError) -> ObjectInfo? {
        let options = ListOptions(prefix: name.description, limit: 1)
        for case .object(let info) in try store.list(options, in: scope).entries
        where info.name == name {
            return info
        }
        return nil
    }

    /// What must be so of a blob when it is changed, that the conditions and the lease of a request hold then as they do now.
    ///
    /// - Parameter isMaking: Whether the blob needn't be there.
    func condition(
        _ conditions: BlobConditions, lease: String?, on name: ObjectName, in scope: ScopeName,
        isMaking: Bool
    ) throws -> Condition {
        if !rights.mayOverwrite, isMaking, try find(name, in: scope) != nil {
            throw BlobRefusal(.unauthorizedBlobOverwrite)
        }
        if lease == nil, isMaking {
            if conditions.isEmpty { return rights.mayOverwrite ? .always : .absent }
            if conditions.demandsAbsence { return .absent }
        }
        let found = try find(name, in: scope)
        guard let found else {
            guard isMaking else { throw BlobRefusal(.blobNotFound) }
            try BlobLease.none.check(lease, isContainer: false, isNeeded: true)
            try conditions.check(nil, isWrite: true)
            return .absent
        }
        try found.lease.check(lease, isContainer: false, isNeeded: true)
        try conditions.check(found.subject, isWrite: isMaking)
        var condition = Condition.always
        if !conditions.isEmpty { condition = .matches(EntityTag(found.etag)) }
        if let id = lease.flatMap(LeaseID.init) { condition = condition.and(.leased(as: id)) }
        return condition
    }

    /// The encryption scope that a write is under; nil for the account's own key.
    func encryptionScope(
        _ requested: String?, _ container: BlobContainers.Container
    ) throws -> String? {
        if let forced = rights.encryptionScope {
            guard requested == nil || requested == forced else {
                throw BlobRefusal(.requestEncryptionScopeNotAllowed)
            }
            return forced
        }
        return try container.properties.encryptionScope(requested: requested)
    }

    /// How a blob is put.
    func options(
        _ write: BlobWrite, _ content: ContentHeaders, _ condition: Condition,
        _ container: BlobContainers.Container
    ) throws -> PutOptions {
        var options = PutOptions(condition: condition)
        content.set(&options.properties)
        options.properties.tier = write.tier?.stored
        options.metadata = write.metadata.stored
        var notes = BlobNotes()
        let named = try write.key == nil ? encryptionScope(write.encryptionScope, container) : nil
        notes.encryptionScope = named
        notes.keySHA256 = write.key?.sha256
        if write.tier != nil { notes.tierChanged = now }
        options.properties.tags = notes.tags
        options.encryptionScope = try seal(named)
        if let key = write.key { options.providedKey = try ProvidedKey(key.key) }
        return options
    }

    /// The scope that seals what is under an encryption scope. Throws `EncryptionScopeNotFound`.
    func seal(_ encryptionScope: String?) throws -> ScopeName {
        let scope = try account.store.seal(of: account.name, encryptionScope: encryptionScope)
        guard encryptionScope != nil else { return scope }
        do throws(StoreError) {
            _ = try store.scope(scope)
        } catch  where error.code == .notFound {
            throw BlobRefusal(.encryptionScopeNotFound)
        }
        return scope
    }

    /// Returns if the account's key may be used now. What needs it is refused by the store itself; a listing that shows metadata
    /// shows names without, and is refused here.
    func requireKey() throws {
        let scope = try store.scope(seal(nil))
        guard let identity = scope.identity else { return }
        do throws(VaultError) {
            _ = try store.vaults.authorize(
                scope.currentKey, for: .unwrapKey, as: identity, deadline: .seconds(5))
        } catch {
            throw try BlobRefusal(error)
        }
    }

    func sha256(_ bytes: [UInt8]) -> [UInt8] {
        (try? account.store.library.sha256(bytes.span)).map { [UInt8](copying: $0.span) } ?? []
    }

    func blobWrite() throws -> BlobWrite { try BlobWrite(request, sha256: sha256) }
}
#endif
