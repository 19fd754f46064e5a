/// A request with a shared access signature, and the circumstances in which it came.
public struct SignedRequest: Sendable {
    /// What is asked.
    public var route: BlobRoute
    /// The request itself.
    public var request: ServiceRequest
    /// The client's address, as text.
    public var client: String
    /// When it came.
    public var now: BlobTime

    /// All of it.
    public init(_ route: BlobRoute, _ request: ServiceRequest, client: String, now: BlobTime) {
        self.route = route
        self.request = request
        self.client = client
        self.now = now
    }
}

/// What a shared access signature allows a request.
public struct SignatureGrant: Hashable, Sendable {
    /// Whether a blob that is there may be replaced; else that is `UnauthorizedBlobOverwrite`.
    public let mayOverwrite: Bool
    /// The encryption scope that everything is to be sealed under which is written; nil for the request's own.
    public let encryptionScope: String?
    /// Fields of the answer that replace the blob's.
    public let overrides: [HeaderFields.Field]
}

extension SharedAccessSignature {
    /// What it allows a request.
    ///
    /// Throws, in this order: `AuthenticationFailed` for a policy that isn't there, or says again what the query says, for
    /// a signature that isn't the key's, for a time outside; `AuthorizationSourceIPMismatch`,
    /// `AuthorizationProtocolMismatch`; `AuthorizationServiceMismatch`, `AuthorizationResourceTypeMismatch` or
    /// `AuthorizationFailure` for an operation that it isn't for; `AuthorizationPermissionMismatch`.
    ///
    /// - Parameters:
    ///   - policy: The container's policy of the name ``policyID``; nil without one.
    ///   - isSigned: Whether a text, in UTF-8, has this HMAC-SHA256 under one of the account's keys, or of a
    ///     ``delegation`` under its key; in constant time.
    public func grant(
        _ signed: SignedRequest, policy: SignedIdentifier?,
        isSigned: (_ text: [UInt8], _ signature: [UInt8]) -> Bool
    ) throws(BlobRefusal) -> SignatureGrant {
        let limits = try limits(policy)
        let text = text(signed.route, signed.request)
        guard isSigned(Array(text.utf8), signature) else {
            throw .authentication("Signature did not match. String to sign used was \(text)")
        }
        try checkTime(limits, signed.now)
        if let addresses {
            guard let client = Self.address(signed.client), addresses.contains(client) else {
                throw BlobRefusal(
                    .authorizationSourceIPMismatch,
                    fields: [BlobRefusal.Field(name: "SourceIP", value: signed.client)])
            }
        }
        guard signed.request.isSecure || !isSecureOnly else {
            throw BlobRefusal(.authorizationProtocolMismatch, "The signature is for https alone.")
        }
        try checkScope(signed.route.operation)
        guard let needed = signed.route.operation.permissions(signed.request.headers) else {
            if signed.route.operation == .getUserDelegationKey {
                throw .authentication("Only authentication scheme Bearer is supported.")
            }
            throw BlobRefusal(.authorizationFailure, "No shared access signature allows it.")
        }
        guard needed.isEmpty || !limits.permissions.isDisjoint(with: needed) else {
            throw BlobRefusal(.authorizationPermissionMismatch)
        }
        return SignatureGrant(
            mayOverwrite: limits.permissions.contains(.write), encryptionScope: encryptionScope,
            overrides: overrides)
    }

    // MARK: Checks

    private struct Limits {
        var start: BlobTime?
        var expiry: BlobTime
        var permissions: BlobPermissions
    }

    private func limits(_ policy: SignedIdentifier?) throws(BlobRefusal) -> Limits {
        if policyID != nil && policy == nil {
            throw .authentication("The container has no policy of the name in si.")
        }
        let policy = policyID == nil ? nil : policy
        guard start == nil || policy?.start == nil, expiry == nil || policy?.expiry == nil,
            permissions == nil || policy?.permissions == nil
        else {
            throw .authentication(
                "What the container's policy says may not be in the signature as well.")
        }
        let permissions =
            permissions ?? policy?.permissions.flatMap { BlobPermissions(letters: $0) }
        guard let expiry = expiry ?? policy?.expiry, let permissions else {
            throw .authentication("sp and se are mandatory, here or in the container's policy.")
        }
        return Limits(start: start ?? policy?.start, expiry: expiry, permissions: permissions)
    }

    private func checkTime(_ limits: Limits, _ now: BlobTime) throws(BlobRefusal) {
        guard limits.start.map({ $0 <= now }) ?? true, now < limits.expiry else {
            let start = limits.start.map { "Start [\($0.http)] - " } ?? ""
            throw .authentication(
                """
                Signature not valid in the specified time frame: \(start)Expiry [\(limits.expiry.http)] - \
                Current [\(now.http)]
                """)
        }
        guard let delegation, delegation.start <= now, now < delegation.expiry else {
            guard delegation == nil else {
                throw .authentication("The user delegation key isn't valid at this time.")
            }
            return
        }
    }

    private func checkScope(_ operation: BlobOperation) throws(BlobRefusal) {
        switch scope {
        case .account(let services, let types):
            guard services.contains("b") else { throw BlobRefusal(.authorizationServiceMismatch) }
            guard
                [.batch, .getAccountInformation].contains(operation)
                    || types.contains(operation.subject.rawValue)
            else { throw BlobRefusal(.authorizationResourceTypeMismatch) }
        case .container:
            guard
                operation.subject == .object
                    || [.listBlobs, .batch, .getAccountInformation].contains(operation)
            else { throw Self.wrongScope }
        case .blob, .snapshot:
            guard operation.subject == .object || operation == .getAccountInformation else {
                throw Self.wrongScope
            }
        }
    }

    private static let wrongScope = BlobRefusal(
        .authorizationFailure,
        "It takes a shared access signature of the account, or an account's key.")

    private var overrides: [HeaderFields.Field] {
        let names = [
            ("Cache-Control", "rscc"), ("Content-Disposition", "rscd"),
            ("Content-Encoding", "rsce"),
            ("Content-Language", "rscl"), ("Content-Type", "rsct"),
        ]
        return names.compactMap { name, parameter in
            sent[parameter].map { HeaderFields.Field(name: name, value: $0) }
        }
    }
}
