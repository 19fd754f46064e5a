internal import SluiceAccess

/// A request for a token with an application's own credentials (OAuth 2.0, RFC 6749 section 4.4).
public struct TokenRequest: Hashable, Sendable {
    /// The tenant that is asked, as the path names it.
    public let tenant: String
    /// The application's id.
    public let clientID: String
    /// Its secret.
    public let clientSecret: String
    /// What the token is to be for, as it was asked: a scope without `/.default`, or a resource.
    public let resource: String

    /// Reads a form.
    ///
    /// - Parameter isCurrent: Whether the endpoint takes scopes (2.0), or resources.
    public init(
        tenant: String, form: [(name: String, value: String)], authorization: String?,
        isCurrent: Bool
    ) throws(TokenRefusal) {
        func field(_ name: String) -> String? { form.first { $0.name == name }?.value }
        func required(_ name: String) throws(TokenRefusal) -> String {
            guard let value = field(name), !value.isEmpty else {
                throw .missingParameter(name)
            }
            return value
        }
        let grant = try required("grant_type")
        guard grant == "client_credentials" else { throw .unsupportedGrant(grant) }
        self.tenant = tenant
        if let basic = authorization.flatMap(Self.basic) {
            (clientID, clientSecret) = (basic.name, basic.value)
        } else {
            (clientID, clientSecret) = (try required("client_id"), try required("client_secret"))
        }
        guard isCurrent else {
            resource = try required("resource")
            return
        }
        let scope = try required("scope")
        let suffix = "/.default"
        guard scope.hasSuffix(suffix), !scope.contains(" ") else { throw .invalidScope(scope) }
        resource = String(scope.dropLast(suffix.count))
    }

    /// The credentials of a field `Authorization: Basic`.
    private static func basic(_ field: String) -> (name: String, value: String)? {
        guard String(field.prefix(6)).equalsIgnoringCase("Basic "),
            let bytes = Base64.decode(field.dropFirst(6).filter { $0 != " " }),
            let text = String(validating: bytes, as: UTF8.self),
            let colon = text.firstIndex(of: ":"),
            let name = PercentEncoding.decode(text[..<colon], plusIsSpace: true),
            let value = PercentEncoding.decode(text[text.index(after: colon)...], plusIsSpace: true)
        else { return nil }
        return (name, value)
    }
}

/// Why no token is given, in Entra's words.
public struct TokenRefusal: Error, Hashable, Sendable {
    /// HTTP's status.
    public let status: Int
    /// OAuth's code.
    public let code: String
    /// Entra's number, as in `AADSTS7000215`.
    public let number: Int
    /// What happened, and what to do.
    public let message: String

    private init(_ status: Int, _ code: String, _ number: Int, _ message: String) {
        self.status = status
        self.code = code
        self.number = number
        self.message = message
    }

    /// A field of the form isn't there.
    public static func missingParameter(_ name: String) -> TokenRefusal {
        TokenRefusal(
            400, "invalid_request", 900_144,
            "The request body must contain the following parameter: '\(name)'.")
    }

    /// Another grant than client_credentials.
    public static func unsupportedGrant(_ grant: String) -> TokenRefusal {
        TokenRefusal(
            400, "unsupported_grant_type", 70003,
            "The app requested an unsupported grant type '\(grant)': Sluice gives tokens for client_credentials with a secret."
        )
    }

    /// A scope that isn't RESOURCE/.default.
    public static func invalidScope(_ scope: String) -> TokenRefusal {
        TokenRefusal(
            400, "invalid_scope", 1_002_012,
            "The provided value for scope \(scope) is not valid. Client credential flows must have a scope value with "
                + "/.default suffixed to the resource identifier (application ID URI).")
    }

    /// A resource that nothing here answers for.
    public static func unknownResource(_ resource: String, tenant: String) -> TokenRefusal {
        TokenRefusal(
            400, "invalid_resource", 500_011,
            "The resource principal named \(resource) was not found in the tenant named \(tenant): Sluice has no such service."
        )
    }

    /// No tenant of that name.
    public static func unknownTenant(_ tenant: String) -> TokenRefusal {
        TokenRefusal(
            400, "invalid_request", 90002,
            "Tenant '\(tenant)' not found. Check to make sure you have the correct tenant ID: AZURE_TENANT_ID has this home's."
        )
    }

    /// No application of that id in the tenant.
    public static func unknownApplication(_ id: String, tenant: String) -> TokenRefusal {
        TokenRefusal(
            400, "unauthorized_client", 700_016,
            "Application with identifier '\(id)' was not found in the directory '\(tenant)'.")
    }

    /// Not the application's secret.
    public static func wrongSecret(_ id: String) -> TokenRefusal {
        TokenRefusal(
            401, "invalid_client", 7_000_215,
            "Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not "
                + "the client secret ID, for a secret added to app '\(id)'.")
    }

    /// As Entra answers.
    public var answer: ServiceAnswer {
        ServiceAnswer(
            [
                "error": .string(code), "error_description": .string("AADSTS\(number): \(message)"),
                "error_codes": [.integer(number)],
            ], status: status)
    }
}
