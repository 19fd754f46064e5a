#if Service
internal import SluiceAccess
internal import SluiceControl
internal import SluiceNative
internal import SluiceREST

/// A storage account as requests find it.
struct BlobAccount: Sendable {
    let name: String
    let id: ResourceID
    let document: JSON
    let tenantID: String
    let store: AccountStore

    private func isOn(_ property: String) -> Bool {
        document["properties"]?[property]?.bool ?? true
    }

    var allowsSharedKeys: Bool { isOn("allowSharedKeyAccess") }

    var allowsPublicAccess: Bool { document["properties"]?["allowBlobPublicAccess"]?.bool ?? false }

    /// Where its blobs are reached, with a slash at its end.
    func endpoint(_ request: ServiceRequest) -> String {
        request.host.contains(".blob.") ? "\(request.origin)/" : "\(request.origin)/\(name)/"
    }
}

/// What a request may do.
struct BlobRights: Sendable {
    /// Whether a blob that is there may be replaced.
    var mayOverwrite = true
    /// The encryption scope that everything is sealed under which it writes; nil for its own.
    var encryptionScope: String?
    /// Fields of the answer that replace the blob's.
    var overrides: [HeaderFields.Field] = []
    /// Who asks, by a token.
    var principal: Principal?
}

/// Sees as whom a request comes, and whether that may do what it asks: once, when it begins.
struct BlobAuthenticator: Sendable {
    static let audiences = ["https://storage.azure.com"]

    let ground: Ground
    let control: ControlPlane
    let account: BlobAccount
    let containers: BlobContainers

    func rights(
        _ request: ServiceRequest, _ route: BlobRoute, now: BlobTime
    ) throws -> BlobRights {
        switch try BlobCredential(request, route.parameters) {
        case .anonymous: return try anonymous(route)
        case .sharedKey(let key):
            guard account.allowsSharedKeys else {
                throw BlobRefusal(.keyBasedAuthenticationNotPermitted)
            }
            try key.check(request, account: account.name, at: now)
            return try bySharedKey(key, key.texts(request, account: account.name))
        case .token(let token): return try byToken(token, request, route)
        case .signature(let signature, let token):
            return try bySignature(signature, token, request, route, now)
        }
    }

    private func bySharedKey(_ key: SharedKey, _ texts: [String]) throws -> BlobRights {
        for text in texts {
            if try isSigned(Array(text.utf8), key.signature) { return BlobRights() }
        }
        throw key.refusal(texts)
    }

    private func anonymous(_ route: BlobRoute) throws -> BlobRights {
        if route.operation == .preflight { return BlobRights() }
        if account.allowsPublicAccess, let name = route.address.container {
            let container = try containers.find(name)
            if container?.properties.publicAccess?.allows(route.operation) == true {
                return BlobRights()
            }
        }
        throw BlobRefusal(.noAuthenticationInformation)
    }

    private func byToken(
        _ token: String, _ request: ServiceRequest, _ route: BlobRoute
    ) throws -> BlobRights {
        let audiences = Self.audiences + ["https://\(request.host)"]
        let principal: Principal
        do {
            principal = try ground.tokens.value().principal(of: token, audiences: audiences)
        } catch let fault as TokenFault {
            throw BlobRefusal.authentication(fault.reason)
        }
        guard principal.tenantID == account.tenantID else {
            throw BlobRefusal.authentication("The token is of another tenant than the account.")
        }
        try requireRole(principal.objectID, route)
        return BlobRights(principal: principal)
    }

    private func bySignature(
        _ signature: SharedAccessSignature, _ token: String?, _ request: ServiceRequest,
        _ route: BlobRoute, _ now: BlobTime
    ) throws -> BlobRights {
        if signature.delegation == nil, !account.allowsSharedKeys {
            throw BlobRefusal(.keyBasedAuthenticationNotPermitted)
        }
        var policy: SignedIdentifier?
        if let id = signature.policyID, let name = route.address.container {
            let identifiers = try containers.find(name)?.identifiers ?? []
            policy = identifiers.first { $0.id == id }
        }
        let signed = SignedRequest(route, request, client: "127.0.0.1", now: now)
        let grant = try signature.grant(signed, policy: policy) { text, mac in
            if let delegation = signature.delegation {
                return (try? isDelegated(delegation, text, mac)) ?? false
            }
            return (try? isSigned(text, mac)) ?? false
        }
        if let delegation = signature.delegation { try requireRole(delegation.objectID, route) }
        return BlobRights(
            mayOverwrite: grant.mayOverwrite, encryptionScope: grant.encryptionScope,
            overrides: grant.overrides)
    }

    private func requireRole(_ objectID: String, _ route: BlobRoute) throws {
        let action = route.operation.action
        let isAllowed = try control.access.allows(
            objectID, action.name, on: account.id, onData: action.isOnData)
        guard isAllowed else { throw BlobRefusal(.authorizationPermissionMismatch) }
    }

    // MARK: Signatures

    /// Whether a text has this HMAC under one of the account's keys.
    private func isSigned(_ text: [UInt8], _ mac: [UInt8]) throws -> Bool {
        var isSigned = false
        for key in try control.accountKeys.keys(of: account.id) {
            let made = try self.mac(text, Base64.decode(key.value) ?? [])
            // All of them, so that it takes as long for each.
            if constantTimeEqual(made.span, mac.span) { isSigned = true }
        }
        return isSigned
    }

    private func isDelegated(
        _ delegation: UserDelegation, _ text: [UInt8], _ mac: [UInt8]
    ) throws -> Bool {
        let made = try self.mac(text, delegationKey(delegation))
        return constantTimeEqual(made.span, mac.span)
    }

    /// The value of a key that was given to a user to sign with.
    func delegationKey(_ delegation: UserDelegation) throws -> [UInt8] {
        let secret = try control.secret("delegation") { () throws(ControlError) in
            try control.randomBytes(32)
        }
        return try mac(delegation.derivationInput, secret)
    }

    private func mac(_ text: [UInt8], _ key: [UInt8]) throws -> [UInt8] {
        var hmac = try HMACSHA256(key: key.span, library: account.store.library)
        let digest = try hmac.authenticate(text.span)
        return [UInt8](copying: digest.span)
    }
}
#endif
