#if Service
internal import Sluice
internal import SluiceControl
internal import SluiceREST

/// The containers of an account: objects without bytes in a scope of the account's, each with the id of the scope that has its blobs.
struct BlobContainers: Sendable {
    /// One of them.
    struct Container: Sendable {
        let name: String
        let properties: ContainerProperties
        let identifiers: [SignedIdentifier]
        /// Of its blobs' scope.
        let id: String
        let tag: EntityTag
    }

    private static let idTag = "id"
    private static let accessTag = "access"
    private static let scopeTag = "scope"
    private static let deniesTag = "denies"
    private static let policiesTag = "policies"

    let account: BlobAccount

    private var store: Store { account.store.store }

    private func scope() throws -> ScopeName { try account.store.containers(of: account.name) }

    /// A container; nil if there is none of the name.
    func find(_ name: String) throws -> Container? {
        let scope = try scope()
        let entry = try ObjectName(name)
        do throws(StoreError) {
            let info = try store.info(entry, in: scope)
            return container(info, lease: try store.leases.lease(of: entry, in: scope))
        } catch {
            guard error.code == .notFound else { throw error }
            return nil
        }
    }

    /// A container. Throws `ContainerNotFound`.
    func get(_ name: String) throws -> Container {
        guard let container = try find(name) else { throw BlobRefusal(.containerNotFound) }
        return container
    }

    private func container(_ info: ObjectInfo, lease: Lease?) -> Container {
        var properties = ContainerProperties(
            etag: info.entityTag.description,
            lastModified: BlobTime(milliseconds: info.modifiedMilliseconds))
        let tags = info.properties.tags
        properties.metadata = BlobMetadata(info.metadata)
        properties.lease = BlobLease(lease)
        properties.publicAccess = tags[Self.accessTag].flatMap(PublicAccess.init)
        properties.encryptionScope = tags[Self.scopeTag]
        properties.deniesOtherScopes = tags[Self.deniesTag] != nil
        return Container(
            name: info.name.description, properties: properties,
            identifiers: Self.identifiers(tags), id: tags[Self.idTag] ?? "",
            tag: info.entityTag)
    }

    // MARK: Changing

    /// Makes a container. Throws `ContainerAlreadyExists`.
    func create(_ name: String, _ write: ContainerWrite, id: String) throws -> Container {
        let scope = try scope()
        try account.store.ensure(scope)
        try account.store.ensure(account.store.seal(of: account.name))
        try account.store.ensure(account.store.blobs(of: account.name, container: id))
        var options = PutOptions(condition: .absent)
        options.metadata = write.metadata.stored
        options.properties.tags[Self.idTag] = id
        options.properties.tags[Self.accessTag] = write.publicAccess?.rawValue
        options.properties.tags[Self.scopeTag] = write.encryptionScope
        if write.deniesOtherScopes { options.properties.tags[Self.deniesTag] = "1" }
        do throws(StoreError) {
            return container(
                try store.put([], as: ObjectName(name), in: scope, options: options), lease: nil)
        } catch {
            _ = try? store.removeScope(account.store.blobs(of: account.name, container: id))
            if error.code == .alreadyExists { throw BlobRefusal(.containerAlreadyExists) }
            throw error
        }
    }

    /// Changes what is said of a container.
    func update(
        _ container: Container, _ change: (inout ObjectAttributes) -> Void
    ) throws -> Container {
        let scope = try scope()
        var condition = Condition.matches(container.tag)
        if let id = container.properties.lease.id.flatMap(LeaseID.init),
            container.properties.lease.isLocked
        {
            condition = condition.and(.leased(as: id))
        }
        let info = try store.update(ObjectName(container.name), in: scope, if: condition, change)
        return self.container(info, lease: nil)
    }

    func setMetadata(_ container: Container, _ metadata: BlobMetadata) throws -> Container {
        try update(container) { $0.metadata = metadata.stored }
    }

    func setAccess(
        _ container: Container, _ access: PublicAccess?, _ identifiers: [SignedIdentifier]
    ) throws -> Container {
        try update(container) { attributes in
            attributes.properties.tags[Self.accessTag] = access?.rawValue
            Self.set(identifiers, &attributes.properties.tags)
        }
    }

    /// Removes a container with all that is in it.
    func delete(_ container: Container, lease: String?) throws {
        let scope = try scope()
        var condition = Condition.always
        if let id = lease.flatMap(LeaseID.init) { condition = .leased(as: id) }
        try store.remove(ObjectName(container.name), in: scope, if: condition)
        _ = try store.removeScope(
            account.store.blobs(of: account.name, container: container.id))
    }

    /// A page of names, and the marker of the next.
    func list(_ listing: ListingRequest) throws -> (page: [Container], next: String?) {
        let after = try listing.marker.map { try ObjectName($0) }
        let options = ListOptions(prefix: listing.prefix, after: after, limit: listing.most)
        do throws(StoreError) {
            return try page(options)
        } catch {
            guard error.code == .notFound else { throw error }
            return ([], nil)
        }
    }

    private func page(
        _ options: ListOptions
    ) throws(StoreError) -> (page: [Container], next: String?) {
        let scope = try account.store.containers(of: account.name)
        let page = try store.list(options, in: scope)
        var containers: [Container] = []
        for case .object(let info) in page.entries {
            let lease = try store.leases.lease(of: info.name, in: scope)
            containers.append(container(info, lease: lease))
        }
        return (containers, page.next?.description)
    }

    // MARK: Leases

    func leaseScope() throws -> ScopeName { try scope() }

    // MARK: Policies, a tag each

    private static func identifiers(_ tags: [String: String]) -> [SignedIdentifier] {
        tags.filter { $0.key.hasPrefix(policiesTag) }.sorted { $0.key < $1.key }.compactMap { tag in
            let parts = tag.value.split(separator: "|", omittingEmptySubsequences: false)
            guard parts.count == 4, let id = Base64.decode(parts[0]) else { return nil }
            return SignedIdentifier(
                id: String(decoding: id, as: UTF8.self), start: BlobTime(iso: String(parts[1])),
                expiry: BlobTime(iso: String(parts[2])),
                permissions: parts[3].isEmpty ? nil : String(parts[3].dropFirst()))
        }
    }

    private static func set(
        _ identifiers: [SignedIdentifier], _ tags: inout [String: String]
    ) {
        for name in tags.keys where name.hasPrefix(policiesTag) { tags[name] = nil }
        for (index, policy) in identifiers.enumerated() {
            let fields = [
                Base64.encode(Array(policy.id.utf8)), policy.start?.exact ?? "",
                policy.expiry?.exact ?? "", policy.permissions.map { "=\($0)" } ?? "",
            ]
            tags["\(policiesTag)\(index)"] = fields.joined(separator: "|")
        }
    }
}
#endif
