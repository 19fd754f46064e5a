internal import SluiceAccess

/// Documents that Entra publishes of itself.
public enum DirectoryShapes {
    /// What a client reads of a tenant before it asks for a token.
    ///
    /// - Parameter origin: What the client reached Entra by.
    public static func openIDConfiguration(origin: String, tenant: String, tenantID: String) -> JSON
    {
        let base = "\(origin)/\(tenant)"
        return [
            "token_endpoint": .string("\(base)/oauth2/v2.0/token"),
            "token_endpoint_auth_methods_supported": ["client_secret_post", "client_secret_basic"],
            "jwks_uri": .string("\(base)/discovery/v2.0/keys"),
            "response_types_supported": ["code"], "subject_types_supported": ["pairwise"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "issuer": .string("\(origin)/\(tenantID)/v2.0"),
            "authorization_endpoint": .string("\(base)/oauth2/v2.0/authorize"),
            "tenant_region_scope": "WW", "cloud_instance_name": "microsoftonline.com",
        ]
    }

    /// What a client that doesn't know the host asks: whether it is one of Entra's.
    public static func instanceDiscovery(origin: String, host: String) -> JSON {
        [
            "tenant_discovery_endpoint": .string(
                "\(origin)/common/v2.0/.well-known/openid-configuration"),
            "api-version": "1.1",
            "metadata": [
                [
                    "preferred_network": .string(host), "preferred_cache": .string(host),
                    "aliases": [.string(host)],
                ]
            ],
        ]
    }

    /// The key that signs tokens (RFC 7517).
    public static func keySet(id: String, modulus: [UInt8], exponent: [UInt8]) -> JSON {
        [
            "keys": [
                [
                    "kty": "RSA", "use": "sig", "alg": "RS256", "kid": .string(id),
                    "x5t": .string(id),
                    "n": .string(Base64.encodeForURL(modulus)),
                    "e": .string(Base64.encodeForURL(exponent)),
                ]
            ]
        ]
    }
}
