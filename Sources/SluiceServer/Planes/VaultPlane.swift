#if Service
internal import Sluice
internal import SluiceAccess
internal import SluiceControl
internal import SluiceREST

/// A key vault's keys. Which vault it is, its host says.
struct VaultPlane: Plane {
    /// Whom tokens are for, of clients that came by Microsoft's names.
    private static let audience = "https://vault.azure.net"

    let ground: Ground

    func answer(_ exchange: Exchange) throws {
        let request = exchange.request
        let control = try ground.control.value()
        guard let name = HostName(request.host)?.name,
            let vault = try Self.found(name, control)
        else {
            throw ServiceError(
                404, "VaultNotFound",
                "There is no vault at \(request.host): create it, or recover it if it was deleted.")
        }
        let caller = try ground.caller(request, audiences: Self.audiences(request)) { fault in
            Self.refusal(of: fault, vault, request)
        }
        guard caller.tenantID == vault.tenantID else {
            throw Self.refusal(ofTenant: caller.tenantID, vault, request)
        }
        let body = try exchange.wholeBody()
        let answer: KeyVaultAnswer
        do throws(KeyVaultError) {
            let operation = try KeyVaultOperation(
                KeyVaultRequest(request, body: body), vault: vault.name)
            answer = try operation.run(
                on: control.vaults.acting(as: Identity(objectID: caller.objectID)),
                vault: vault.name, at: request.origin, mode: vault.mode)
        } catch {
            answer = error.answer
        }
        guard let grant = answer.grant else { return try exchange.send(answer.answer) }
        do {
            try exchange.send(answer.answer, under: grant, of: control.vaults)
        } catch let refusal as VaultError {
            // It was taken away before the first byte.
            try exchange.send(KeyVaultError(refusal, mode: vault.mode).answer.answer)
        }
    }

    private static func found(
        _ name: String, _ control: ControlPlane
    ) throws -> ServedVault? {
        do throws(ControlError) {
            return try control.vault(named: name)
        } catch {
            throw ServiceError(control: error)
        }
    }

    // MARK: Tokens

    /// Microsoft's, and this machine's own where the client came by its names.
    private static func audiences(_ request: ServiceRequest) -> [String] {
        let own = resource(request)
        return own == audience ? [audience] : [own, audience]
    }

    /// What the client is to ask a token for: a domain that the host is in, or the client doesn't believe it.
    private static func resource(_ request: ServiceRequest) -> String {
        guard let host = HostName(request.host), !host.isMicrosofts,
            let name = host.name
        else { return audience }
        let domain = request.host.dropFirst(name.utf8.count + 1)
        return "https://\(domain)\(request.port.map { ":\($0)" } ?? "")"
    }

    private static func challenge(_ vault: ServedVault, _ request: ServiceRequest) -> HeaderFields {
        let login =
            HostName(request.host)?.isMicrosofts == false
            ? "https://login.localhost\(request.port.map { ":\($0)" } ?? "")"
            : "https://login.microsoftonline.com"
        return [
            "WWW-Authenticate":
                "Bearer authorization=\"\(login)/\(vault.tenantID)\", resource=\"\(resource(request))\""
        ]
    }

    private static func refusal(
        of fault: TokenFault, _ vault: ServedVault, _ request: ServiceRequest
    ) -> ServiceError {
        let text =
            switch fault {
            case .missing: ""
            case .form: "Error validating token: \(fault.reason)"
            case .signature:
                "AKV10046: Unable to resolve the key used for signature validation. \(fault.reason)"
            case .audience(let found, let expected):
                "AKV10022: Invalid audience. Expected \(expected), found: \(found.prefix(200))."
            case .time: "[TokenExpired] Error validating token: \(fault.reason)"
            case .principal: "Error validating token: \(fault.reason)"
            }
        return ServiceError(401, "Unauthorized", text, headers: challenge(vault, request))
    }

    private static func refusal(
        ofTenant tenantID: String, _ vault: ServedVault, _ request: ServiceRequest
    ) -> ServiceError {
        ServiceError(
            401, "Unauthorized",
            "AKV10032: Invalid issuer. Expected one of \(TokenClaims.issuer(tenantID: vault.tenantID)), found "
                + "\(TokenClaims.issuer(tenantID: tenantID)).",
            headers: challenge(vault, request))
    }

    /// To a request without a token nothing is said but where to get one.
    func answer(to error: ServiceError, _ request: ServiceRequest) -> ServiceAnswer {
        error.status == 401 && error.message.isEmpty
            ? ServiceAnswer(status: 401, headers: error.headers) : error.answer
    }
}
#endif
