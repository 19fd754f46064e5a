internal import FoundationEssentials
internal import SluiceAccess
internal import SluiceNative
internal import SluiceVault

// What the bodies of requests say, in the names that they say it by. What no operation here looks at is left alone, as the
// service does.

/// A body of JSON.
protocol JSONBody: Decodable {}

extension JSONBody {
    /// Reads a request's body.
    ///
    /// - Throws: `BadParameter`, with the place of what is wrong.
    init(_ request: KeyVaultRequest) throws(KeyVaultError) {
        do {
            self = try JSONDecoder().decode(Self.self, from: Data(request.body))
        } catch let error as DecodingError {
            throw .badParameter(error.reason)
        } catch {
            throw .badParameter("the body of the request can't be read")
        }
    }
}

extension DecodingError {
    fileprivate var reason: String {
        func place(_ context: Context, _ last: (any CodingKey)? = nil) -> String {
            (context.codingPath + [last].compactMap(\.self)).map(\.stringValue)
                .joined(separator: ".")
        }
        switch self {
        case .keyNotFound(let key, let context):
            return "the property \(place(context, key)) is missing"
        case .typeMismatch(_, let context), .valueNotFound(_, let context):
            return "the property \(place(context)) is of another type, or has no value"
        case .dataCorrupted(let context):
            let place = place(context)
            return place.isEmpty
                ? "the body of the request is not JSON"
                : "the property \(place) has a wrong value: \(context.debugDescription)"
        @unknown default: return "the body of the request can't be read"
        }
    }
}

/// Bytes, in base64url.
struct WireBytes: Codable {
    let bytes: [UInt8]

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let bytes = Base64.decodeForURL(try container.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(
                in: container, debugDescription: "it is not base64url")
        }
        self.bytes = bytes
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(Base64.encodeForURL(bytes))
    }
}

/// Bytes, in base64url, that are a secret: kept in the arena but for the text that they came in.
struct WireSecret: Decodable {
    let secret: SharedSecret

    init(from decoder: any Decoder) throws {
        let bytes = WipedBytes(taking: try WireBytes(from: decoder).bytes)
        secret = SharedSecret(bytes.withBytes { SecretBytes(copying: $0) })
    }
}

/// The name of an algorithm.
struct WireAlgorithm: Decodable {
    let name: String

    init(from decoder: any Decoder) throws {
        name = try decoder.singleValueContainer().decode(String.self)
    }

    /// The algorithm of that name, of those that the operation can have.
    ///
    /// - Throws: `BadParameter`.
    func algorithm<Algorithm: RawRepresentable & CaseIterable>() throws(KeyVaultError) -> Algorithm
    where Algorithm.RawValue == String {
        if let algorithm = Algorithm(rawValue: name) { return algorithm }
        let known = Algorithm.allCases.map(\.rawValue).joined(separator: ", ")
        throw .badParameter("the property alg is '\(name.prefix(80))', and can be \(known)")
    }
}

/// The attributes of a key that a request can set.
struct WireAttributes: Decodable {
    let enabled: Bool?
    let nbf: Int?
    let exp: Int?
    let exportable: Bool?
}

/// What is left out of a request, or refused with it.
struct WirePresence: Decodable {
    init(from decoder: any Decoder) {}
}

extension [String] {
    /// The operations of a key of these names, in any case.
    ///
    /// - Throws: `BadParameter`.
    fileprivate func keyOperations() throws(KeyVaultError) -> [KeyOperation] {
        try map { name throws(KeyVaultError) in
            guard let operation = KeyOperation(parsing: name),
                KeyOperation.ofKeys.contains(operation)
            else {
                throw .badParameter("the property key_ops has '\(name.prefix(80))', which is none")
            }
            return operation
        }
    }
}

/// What makes a key version, and may be said of it.
private func settings(
    _ keyOperations: [String]?, _ attributes: WireAttributes?, _ releasePolicy: WirePresence?
) throws(KeyVaultError) -> KeySettings {
    guard releasePolicy == nil, attributes?.exportable != true else {
        throw .badParameter("keys never leave their vaults here, so that none is exportable")
    }
    return KeySettings(
        operations: try keyOperations?.keyOperations(), isEnabled: attributes?.enabled ?? true,
        notBeforeSeconds: attributes?.nbf, expiresSeconds: attributes?.exp)
}

struct KeyCreateBody: JSONBody {
    let kty: String
    let key_size: Int?
    let crv: String?
    let key_ops: [String]?
    let attributes: WireAttributes?
    let tags: [String: String]?
    let public_exponent: Int?
    let release_policy: WirePresence?

    func kind() throws(KeyVaultError) -> KeyKind {
        guard public_exponent ?? 65_537 == 65_537 else {
            throw .badParameter("the property public_exponent can only be 65537")
        }
        do {
            return try KeyKind(keyType: kty, bitCount: key_size, curve: crv)
        } catch {
            throw KeyVaultError(error, mode: .policies)
        }
    }

    func settings() throws(KeyVaultError) -> KeySettings {
        try SluiceREST.settings(key_ops, attributes, release_policy)
    }
}

struct KeyImportBody: JSONBody {
    let key: WirePrivateKey
    let Hsm: Bool?
    let attributes: WireAttributes?
    let tags: [String: String]?
    let release_policy: WirePresence?

    /// - Throws: `BadParameter` for a key of another kind, or one that lacks a number.
    func numbers() throws(KeyVaultError) -> PrivateKeyNumbers {
        guard Hsm != true else {
            throw .badParameter("hardware keys are not supported yet: leave Hsm out")
        }
        return try key.numbers()
    }

    func settings() throws(KeyVaultError) -> KeySettings {
        try SluiceREST.settings(key.key_ops, attributes, release_policy)
    }
}

/// A private key in JSON (RFC 7517).
struct WirePrivateKey: Decodable {
    let kty: String
    let key_ops: [String]?
    let crv: String?
    let n: WireSecret?
    let e: WireSecret?
    let d: WireSecret?
    let p: WireSecret?
    let q: WireSecret?
    let dp: WireSecret?
    let dq: WireSecret?
    let qi: WireSecret?
    let x: WireBytes?
    let y: WireBytes?

    fileprivate func numbers() throws(KeyVaultError) -> PrivateKeyNumbers {
        let kind: KeyKind
        do {
            kind = try KeyKind(keyType: kty, curve: crv)
        } catch {
            throw KeyVaultError(error, mode: .policies)
        }
        switch kind {
        case .p256: return try elliptic(.p256)
        case .p384: return try elliptic(.p384)
        case .p521: return try elliptic(.p521)
        case .p256K: return try elliptic(.secp256k1)
        case .rsa2048, .rsa3072, .rsa4096:
            let given: [(RSAKeyNumber, String, WireSecret?)] = [
                (.modulus, "n", n), (.exponent, "e", e), (.privateExponent, "d", d),
                (.prime1, "p", p), (.prime2, "q", q), (.exponent1, "dp", dp),
                (.exponent2, "dq", dq), (.coefficient, "qi", qi),
            ]
            var numbers: [RSAKeyNumber: SharedSecret] = [:]
            for (number, name, value) in given {
                numbers[number] = try require(value, name).secret
            }
            return .rsa(numbers)
        }
    }

    private func elliptic(_ curve: EllipticCurve) throws(KeyVaultError) -> PrivateKeyNumbers {
        .elliptic(
            curve, x: try require(x, "x").bytes, y: try require(y, "y").bytes,
            secret: try require(d, "d").secret)
    }

    private func require<Value>(_ value: Value?, _ name: String) throws(KeyVaultError) -> Value {
        guard let value else { throw .badParameter("the property key.\(name) is missing") }
        return value
    }
}

struct KeyUpdateBody: JSONBody {
    let key_ops: [String]?
    let attributes: WireAttributes?
    let tags: [String: String]?
    let release_policy: WirePresence?

    func changes() throws(KeyVaultError) -> KeyChanges {
        let settings = try SluiceREST.settings(key_ops, attributes, release_policy)
        return KeyChanges(
            isEnabled: attributes?.enabled, notBeforeSeconds: settings.notBeforeSeconds,
            expiresSeconds: settings.expiresSeconds, operations: settings.operations, tags: tags)
    }
}

struct KeyRestoreBody: JSONBody {
    let value: WireBytes
}

/// What encrypts, decrypts, wraps and unwraps.
struct KeyOperationBody: JSONBody {
    let alg: WireAlgorithm
    let value: WireBytes
}

struct KeySignBody: JSONBody {
    let alg: WireAlgorithm
    /// The digest.
    let value: WireBytes
}

struct KeyVerifyBody: JSONBody {
    let alg: WireAlgorithm
    let digest: WireBytes
    /// The signature.
    let value: WireBytes
}

struct RotationPolicyBody: JSONBody {
    let lifetimeActions: [RotationPolicy.LifetimeAction]?
    let attributes: Attributes?

    struct Attributes: Decodable {
        let expiryTime: CalendarDuration?
    }

    func policy() -> RotationPolicy {
        var policy = RotationPolicy(expiryTime: attributes?.expiryTime)
        policy.lifetimeActions = lifetimeActions ?? []
        return policy
    }
}
