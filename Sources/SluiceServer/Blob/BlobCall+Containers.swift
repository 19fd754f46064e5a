#if Service
internal import Sluice
internal import SluiceControl
internal import SluiceREST

extension BlobCall {
    func createContainer(id: String) throws {
        guard let name = route.address.container else { throw BlobRefusal(.invalidUri) }
        let write = try ContainerWrite(headers)
        if write.publicAccess != nil, !account.allowsPublicAccess {
            throw BlobRefusal(.publicAccessNotPermitted)
        }
        if let scope = write.encryptionScope { _ = try seal(scope) }
        let made = try containers.create(name, write, id: id)
        try send(nil, BlobAnswer.state(made.properties.subject))
    }

    func containerProperties(metadataOnly: Bool) throws {
        let container = try container()
        try container.properties.lease.check(
            LeaseRequest.id(headers), isContainer: true, isNeeded: false)
        var fields = BlobAnswer.container(container.properties)
        if metadataOnly {
            fields = BlobAnswer.state(container.properties.subject)
            fields.fields += BlobAnswer.container(container.properties).fields.filter {
                $0.name.lowercased().hasPrefix("x-ms-meta-")
            }
        }
        try send(nil, fields)
    }

    func setContainerMetadata() throws {
        let container = try container()
        let write = try ContainerWrite(headers)
        try container.properties.lease.check(write.lease, isContainer: true, isNeeded: false)
        try write.conditions.check(container.properties.subject, isWrite: false)
        let changed = try containers.setMetadata(container, write.metadata)
        try send(nil, BlobAnswer.state(changed.properties.subject))
    }

    func containerACL() throws {
        let container = try container()
        try container.properties.lease.check(
            LeaseRequest.id(headers), isContainer: true, isNeeded: false)
        try send(
            nil, BlobAnswer.accessControl(container.properties),
            body: SignedIdentifier.document(container.identifiers))
    }

    func setContainerACL() throws {
        let container = try container()
        let access = try PublicAccess.read(headers)
        if access != nil, !account.allowsPublicAccess {
            throw BlobRefusal(.publicAccessNotPermitted)
        }
        try container.properties.lease.check(
            LeaseRequest.id(headers), isContainer: true, isNeeded: false)
        try BlobConditions(headers).check(container.properties.subject, isWrite: false)
        let identifiers = try SignedIdentifier.read(exchange.wholeBody())
        let changed = try containers.setAccess(container, access, identifiers)
        try send(nil, BlobAnswer.state(changed.properties.subject))
    }

    func deleteContainer() throws {
        let container = try container()
        let lease = try LeaseRequest.id(headers)
        try container.properties.lease.check(lease, isContainer: true, isNeeded: true)
        try BlobConditions(headers).check(container.properties.subject, isWrite: false)
        try containers.delete(container, lease: lease)
        try send()
    }

    // MARK: Leases

    func lease() throws {
        let asked = try LeaseRequest(headers)
        let conditions = try BlobConditions(headers)
        let container = try container()
        if route.operation == .leaseContainer {
            try conditions.check(container.properties.subject, isWrite: false)
            return try lease(
                asked, ObjectName(container.name), in: containers.leaseScope(),
                container.properties.lease, container.properties.subject)
        }
        let (name, scope) = (try blobName(), try scope(container))
        guard let found = try find(name, in: scope) else { throw BlobRefusal(.blobNotFound) }
        try conditions.check(found.subject, isWrite: false)
        try lease(asked, name, in: scope, found.lease, found.subject)
    }

    private func lease(
        _ asked: LeaseRequest, _ name: ObjectName, in scope: ScopeName, _ present: BlobLease,
        _ subject: ConditionSubject
    ) throws {
        try asked.check(present)
        let leases = store.leases
        var id: String?
        var remaining: Int?
        switch asked {
        case .acquire(let seconds, let proposed):
            id = try leases.acquire(
                name, for: seconds.map { .seconds($0) }, as: proposed.flatMap(LeaseID.init),
                in: scope
            ).id.description
        case .renew(let given):
            id = try leases.renew(name, Self.id(given), in: scope).id.description
        case .change(let given, let proposed):
            // Asked for again, it has been done.
            if present.id?.equalsIgnoringCase(proposed) != true {
                try leases.change(name, Self.id(given), to: Self.id(proposed), in: scope)
            }
            id = proposed
        case .release(let given): try leases.release(name, Self.id(given), in: scope)
        case .break(let seconds):
            let broken = try leases.break(name, after: seconds.map { .seconds($0) }, in: scope)
            let end = broken.endMilliseconds ?? 0
            remaining = max(0, (end - Int(now.ticks / 10_000) + 999) / 1000)
        }
        try send(
            asked.successStatus, BlobAnswer.lease(subject, id: id, remaining: remaining))
    }

    private static func id(_ text: String) throws -> LeaseID {
        guard let id = LeaseID(text) else { throw BlobRefusal(.invalidHeaderValue) }
        return id
    }

    // MARK: Listings

    func listContainers() throws {
        let listing = try ListingRequest(route, headers)
        var writer = ListingWriter(listing, endpoint: account.endpoint(request))
        let (page, next) = try containers.list(listing)
        for container in page { writer.container(container.name, container.properties) }
        try send(body: writer.finish(next: next))
    }

    func listBlobs() throws {
        let listing = try ListingRequest(route, headers)
        let container = try container()
        let scope = try scope(container)
        if RevokedKeyRule.needsKey(route, headers) { try requireKey() }
        var writer = ListingWriter(
            listing, endpoint: account.endpoint(request), container: container.name)
        var lister = BlobLister(store: store, scope: scope, listing: listing)
        let next = try lister.list { entry in
            switch entry {
            case .directory(let name): writer.prefix(name.description)
            case .object(let info):
                let lease =
                    info.name.version == nil
                    ? try store.leases.lease(of: info.name, in: scope) : nil
                writer.blob(info.name.base.description, BlobProperties(info, lease: lease))
            }
        }
        try send(body: writer.finish(next: next))
    }
}
#endif
