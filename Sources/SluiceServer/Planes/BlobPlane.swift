#if Service
internal import Sluice
internal import SluiceControl
internal import SluiceNative
internal import SluiceREST

/// The blobs of storage accounts.
struct BlobPlane: Plane {
    let ground: Ground

    /// Bytes of blobs come bit by bit; documents are taken whole.
    func bodyHandling(of request: ServiceRequest) -> BodyHandling {
        guard request.method == "PUT" else { return .whole }
        switch request.parameter("comp") {
        case nil, "block": return request.parameter("restype") == nil ? .streamed : .whole
        default: return .whole
        }
    }

    func answer(_ exchange: Exchange) throws {
        let now = BlobTime(milliseconds: WallClock.nowMilliseconds)
        let requestID = RequestNumber.next()
        do {
            try carryOut(exchange, now, requestID)
        } catch {
            guard !exchange.isAnswered else { throw error }
            try refuse(exchange, try Self.refusal(error), now, requestID)
        }
    }

    /// The service's own words for what was refused, or failed.
    private static func refusal(_ error: any Error) throws -> BlobRefusal {
        if let error = error as? BlobRefusal { return error }
        if let error = error as? StoreError { return try BlobRefusal(error) }
        throw error
    }

    private func refuse(
        _ exchange: Exchange, _ error: BlobRefusal, _ now: BlobTime, _ requestID: String
    ) throws {
        let request = exchange.request
        let status = error.status(request.method)
        var fields = BlobAnswer.common(request, requestID: requestID, at: now)
        fields["x-ms-error-code"] = error.code.name
        if error.code == .noAuthenticationInformation, let tenant = try? tenant(request) {
            fields["WWW-Authenticate"] = BlobCredential.challenge(
                login: "https://login.microsoftonline.com", tenant: tenant)
        }
        guard status != 304, request.method != "HEAD" else {
            return try exchange.send(ServiceAnswer(status: status, headers: fields))
        }
        fields["Content-Type"] = "application/xml"
        try exchange.send(
            ServiceAnswer(
                status: status, headers: fields,
                body: error.document(requestID: requestID, at: now)))
    }

    private func tenant(_ request: ServiceRequest) throws -> String? {
        let route = try BlobRoute(request, host: BlobAddress.Host(request.host))
        return try account(route.address.account, ground.control.value())?.tenantID
    }

    private func account(_ name: String, _ control: ControlPlane) throws -> BlobAccount? {
        guard let id = try control.names.resource(named: name, kind: "storage"),
            let document = try control.resources.find(id),
            let tenant = id.subscription.flatMap({ control.state.tenant(ofSubscription: $0) })
        else { return nil }
        return BlobAccount(
            name: name, id: id, document: document, tenantID: tenant.id, store: control.accounts)
    }

    // MARK: One request

    private func carryOut(
        _ exchange: Exchange, _ now: BlobTime, _ requestID: String
    ) throws {
        let request = exchange.request
        let route = try BlobRoute(request, host: BlobAddress.Host(request.host))
        let control = try ground.control.value()
        guard let account = try account(route.address.account, control) else {
            throw BlobRefusal(.resourceNotFound, "There is no storage account of this name.")
        }
        let containers = BlobContainers(account: account)
        let authenticator = BlobAuthenticator(
            ground: ground, control: control, account: account, containers: containers)
        let call = BlobCall(
            exchange: exchange, route: route, account: account, containers: containers,
            rights: try authenticator.rights(request, route, now: now), now: now,
            requestID: requestID)
        try call.carryOut(control, authenticator)
    }
}

extension BlobCall {
    fileprivate func carryOut(
        _ control: ControlPlane, _ authenticator: BlobAuthenticator
    ) throws {
        switch route.operation {
        case .listContainers: try listContainers()
        case .createContainer:
            try createContainer(id: String(hexadecimal: try control.randomBytes(8)))
        case .getContainerProperties: try containerProperties(metadataOnly: false)
        case .getContainerMetadata: try containerProperties(metadataOnly: true)
        case .setContainerMetadata: try setContainerMetadata()
        case .getContainerACL: try containerACL()
        case .setContainerACL: try setContainerACL()
        case .deleteContainer: try deleteContainer()
        case .leaseContainer, .leaseBlob: try lease()
        case .listBlobs: try listBlobs()
        case .putBlob: try putBlob()
        case .getBlob, .getBlobProperties, .getBlobMetadata: try getBlob()
        case .setBlobProperties: try setBlobProperties()
        case .setBlobMetadata: try setBlobMetadata()
        case .setBlobTier: try setBlobTier()
        case .snapshotBlob: try snapshotBlob()
        case .deleteBlob: try deleteBlob()
        case .putBlock: try putBlock()
        case .putBlockList: try putBlockList()
        case .getBlockList: try getBlockList()
        case .copyBlob, .copyBlobFromURL: try copyBlob(id: control.randomUUID())
        case .getAccountInformation:
            try send(
                nil,
                BlobAnswer.account(
                    sku: account.document["sku"]?["name"]?.string ?? "Standard_LRS",
                    kind: account.document["kind"]?.string ?? "StorageV2"))
        case .getUserDelegationKey: try giveDelegationKey(authenticator)
        case .getServiceProperties: try send(body: ServiceProperties().document)
        default:
            throw BlobRefusal(
                .notImplemented, "\(route.operation.rawValue) isn't emulated here yet.")
        }
    }

    private func giveDelegationKey(_ authenticator: BlobAuthenticator) throws {
        guard let principal = rights.principal else {
            throw BlobRefusal.authentication("Only authentication scheme Bearer is supported.")
        }
        let asked = try UserDelegationRequest(exchange.wholeBody(), at: now)
        let delegation = UserDelegation(
            objectID: principal.objectID, tenantID: principal.tenantID, request: asked,
            version: headers["x-ms-version"] ?? BlobAnswer.version)
        try send(
            body: delegation.document(value: authenticator.delegationKey(delegation)))
    }
}
#endif
