public import SluiceAccess
public import SluiceNative
public import SluiceVault

/// An operation of Key Vault's interface for keys, with all that its request says.
///
/// Hardware keys, the release of keys, their attestation and random bytes are not offered.
public enum KeyVaultOperation: Sendable {
    case createKey(name: String, KeyKind, KeySettings, tags: [String: String])
    case importKey(name: String, PrivateKeyNumbers, KeySettings, tags: [String: String])
    /// Of a versionless identifier the newest version, as in all that follow.
    case getKey(KeyIdentifier)
    case updateKey(KeyIdentifier, KeyChanges)
    case listKeys(KeyVaultPage)
    case listKeyVersions(name: String, KeyVaultPage)
    case deleteKey(KeyIdentifier)
    case getDeletedKey(KeyIdentifier)
    case listDeletedKeys(KeyVaultPage)
    case recoverDeletedKey(KeyIdentifier)
    case purgeDeletedKey(KeyIdentifier)
    case backupKey(name: String)
    case restoreKey([UInt8])
    case rotateKey(name: String)
    case getRotationPolicy(KeyIdentifier)
    case setRotationPolicy(KeyIdentifier, RotationPolicy)
    case encrypt(KeyIdentifier, EncryptionAlgorithm, plaintext: [UInt8])
    case decrypt(KeyIdentifier, EncryptionAlgorithm, ciphertext: [UInt8])
    case wrapKey(KeyIdentifier, EncryptionAlgorithm, secret: [UInt8])
    case unwrapKey(KeyIdentifier, EncryptionAlgorithm, wrapped: [UInt8])
    case sign(KeyIdentifier, SignatureAlgorithm, digest: [UInt8])
    case verify(KeyIdentifier, SignatureAlgorithm, digest: [UInt8], signature: [UInt8])

    /// Reads a request to a vault, which the server has found by the request's host.
    ///
    /// - Throws: `BadParameter`; `NotFound` for another path, `MethodNotAllowed`; `NotImplemented` for what isn't offered.
    public init(_ request: KeyVaultRequest, vault: String) throws(KeyVaultError) {
        guard let version = request.query["api-version"], !version.isEmpty else {
            throw .badParameter("api-version must be specified: add it to the request's query")
        }
        let route = try KeyVaultRoute(request)
        self = try route.operation(of: request, in: vault)
    }

    /// Whether it gives a name to a key, which no other key, be it a deleted one, may have.
    var claimsName: Bool {
        switch self {
        case .createKey, .importKey, .restoreKey: true
        default: false
        }
    }
}

/// Which part of a listing is asked for.
public struct KeyVaultPage: Hashable, Sendable {
    /// How many items, at most.
    public private(set) var limit: Int
    /// Only what comes after this name, or version; nil from the start.
    public private(set) var after: String?
    /// The version of the interface that is asked, to be asked for the next page.
    public let apiVersion: String

    static let longest = 25

    /// - Throws: `BadParameter`.
    init(_ request: KeyVaultRequest) throws(KeyVaultError) {
        limit = Self.longest
        after = nil
        apiVersion = request.query["api-version"] ?? ""
        if let text = request.query["maxresults"] {
            guard let limit = Int(text), (1...Self.longest).contains(limit) else {
                throw .badParameter("maxresults is a number from 1 to \(Self.longest)")
            }
            self.limit = limit
        }
        if let token = request.query["$skiptoken"] {
            guard let bytes = Base64.decodeForURL(token),
                let text = String(validating: bytes, as: UTF8.self)
            else { throw .badParameter("$skiptoken is none that was handed out") }
            after = text
        }
    }
}
