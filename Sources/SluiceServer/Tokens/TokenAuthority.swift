internal import Sluice
internal import SluiceAccess
internal import SluiceControl
internal import SluiceNative
internal import SluiceREST

/// Signs tokens, and says whose one is. For any thread.
final class TokenAuthority: Sendable {
    /// For how long a token is good.
    static let lifeSeconds = 3599
    /// How far the clocks of two machines may be apart.
    private static let skewSeconds = 300

    /// Which key signs.
    let keyID: String
    private let key: TokenKey
    private let control: ControlPlane

    private init(_ key: TokenKey, _ control: ControlPlane, _ library: CryptoLibrary)
        throws(CryptoError)
    {
        let modulus = try key.publicNumbers().modulus
        let digest = try library.sha256(modulus.span)
        keyID = Base64.encodeForURL((0..<20).map { digest[$0] })
        self.key = key
        self.control = control
    }

    /// With the home's key, which is made if it isn't there.
    static func open(_ control: ControlPlane, _ library: CryptoLibrary) throws -> TokenAuthority {
        let form = try control.secret("token-key") { () throws(ControlError) in
            do throws(CryptoError) {
                return try TokenKey.generate(library).privateForm().withBytes {
                    [UInt8](copying: $0)
                }
            } catch {
                throw ControlError(.failed, "InternalServerError", "no key can be made: \(error)")
            }
        }
        return try TokenAuthority(
            TokenKey(privateForm: form.span, library: library), control, library)
    }

    /// What anybody verifies tokens with.
    func keySet() throws(CryptoError) -> JSON {
        let numbers = try key.publicNumbers()
        return DirectoryShapes.keySet(
            id: keyID, modulus: numbers.modulus, exponent: numbers.exponent)
    }

    /// A token for a principal.
    func issue(to principal: Principal, for resource: String) throws(CryptoError) -> String {
        let now = WallClock.nowMilliseconds / 1000
        let claims = TokenClaims(
            audience: resource, tenantID: principal.tenantID, objectID: principal.objectID,
            appID: principal.appID, notBefore: now, expires: now + Self.lifeSeconds,
            managedIdentity: principal.resource)
        let head: JSON = [
            "typ": "JWT", "alg": "RS256", "x5t": .string(keyID), "kid": .string(keyID),
        ]
        let text = [head, claims.document].map { Base64.encodeForURL($0.encoded) }
            .joined(separator: ".")
        return "\(text).\(Base64.encodeForURL(try key.sign(Array(text.utf8).span)))"
    }

    /// Whose token it is, if it is one of this home's, for one of these resources, and good now.
    ///
    /// Its principal must still be there.
    ///
    /// - Throws: ``TokenFault``.
    func principal(of token: String, audiences: [String]) throws -> Principal {
        let claims = try claims(of: token)
        guard audiences.contains(where: { TokenClaims.isSame($0, claims.audience) }) else {
            throw TokenFault.audience(claims.audience, expected: audiences.first ?? "")
        }
        let now = WallClock.nowMilliseconds / 1000
        guard claims.notBefore <= now + Self.skewSeconds, now < claims.expires else {
            throw TokenFault.time
        }
        guard let tenant = control.state.tenant(claims.tenantID), tenant.id == claims.tenantID,
            let principal = try control.principals.principal(objectID: claims.objectID),
            principal.tenantID == claims.tenantID, principal.appID == claims.appID
        else { throw TokenFault.principal }
        return principal
    }

    private func claims(of token: String) throws -> TokenClaims {
        let parts = token.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, let head = Self.document(parts[0]),
            let signature = Base64.decode(parts[2])
        else { throw TokenFault.form }
        guard head["alg"]?.string == "RS256", head["kid"]?.string == keyID,
            try key.verifies(signature.span, of: Array("\(parts[0]).\(parts[1])".utf8).span)
        else { throw TokenFault.signature }
        guard let claims = Self.document(parts[1]).flatMap(TokenClaims.init) else {
            throw TokenFault.form
        }
        return claims
    }

    private static func document(_ part: Substring) -> JSON? {
        Base64.decode(part).flatMap { try? JSONReader.read($0) }
    }
}
