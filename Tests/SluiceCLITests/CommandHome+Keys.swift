internal import TestSupport
internal import Testing

extension CommandHome {
    /// The key that ``makePrivateScope()`` makes.
    static let key = "https://default.vault.localhost/keys/mine"

    /// The object id that policies name the store by. Makes the store if there is none.
    func identity() throws -> String {
        if !directory.exists("store") { try put([1], as: "first") }
        let shown = try object(try text("identity", "show", "--json"))
        return try #require(shown["objectId"] as? String)
    }

    /// Permits the store what it needs in the vault `default`.
    func permitStore() throws {
        let result = try sluice(
            "keyvault", "set-policy", "--name", "default", "--object-id", try identity(),
            "--key-permissions", "get", "wrapKey", "unwrapKey")
        guard result.exitCode == 0 else { throw UnexpectedFailure(message: result.errorText) }
    }

    /// Takes from the store what it may do in the vault `default`.
    func revoke() throws {
        _ = try text("keyvault", "delete-policy", "--name", "default", "--key_id", Self.key)
    }

    /// Makes a key, and the scope `private` under it.
    func makePrivateScope() throws {
        _ = try text("keyvault", "key", "create", "--name", "mine")
        try permitStore()
        _ = try text("scope", "create", "private", "--key", Self.key)
    }

    /// Puts bytes into the scope `private`.
    func putPrivate(_ bytes: [UInt8], as name: String) throws {
        let result = try sluice(
            "put", "-", "--as", name, "--scope", "private", "--durability", "none", input: bytes)
        guard result.exitCode == 0 else { throw UnexpectedFailure(message: result.errorText) }
    }

    /// Gets an object out of the scope `private`; nil if access to its key is denied.
    func getPrivate(_ name: String) throws -> [UInt8]? {
        let result = try sluice("get", name, "--scope", "private")
        if result.exitCode == 77 {
            #expect(result.output.isEmpty)
            return nil
        }
        guard result.exitCode == 0 else { throw UnexpectedFailure(message: result.errorText) }
        return result.output
    }

    /// Rotates the key; its new version.
    func rotate() throws -> String {
        let bundle = try object(try text("keyvault", "key", "rotate", "--name", "mine", "--json"))
        return try #require((bundle["key"] as? [String: Any])?["kid"] as? String)
    }

    /// What `status` tells of a scope's key versions, by their identifiers.
    func census(_ scope: String = "private") throws -> [String: [String: Any]] {
        let status = try object(try text("status", "--json"))
        let scopes = try #require(status["scopes"] as? [[String: Any]])
        let found = try #require(scopes.first { $0["name"] as? String == scope })
        let census = try #require(found["census"] as? [[String: Any]])
        return Dictionary(
            census.map { ($0["keyIdentifier"] as? String ?? "", $0) }, uniquingKeysWith: { $1 })
    }
}
