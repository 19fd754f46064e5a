internal import SluiceAccess

/// Which operation a path and a method mean.
enum KeyVaultRoute: Sendable {
    case keys
    case key(name: String)
    case version(name: String, String?)
    case versions(name: String)
    case rotationPolicy(name: String)
    case action(name: String, Action)
    case use(name: String, version: String?, KeyOperation)
    case restore
    case deletedKeys
    case deletedKey(name: String)
    case recover(name: String)

    /// What is done with a key as a whole.
    enum Action: String {
        case create, rotate, backup
    }

    private static let unoffered = ["release", "attestation", "rng"]

    /// - Throws: `NotFound`, `NotImplemented`.
    init(_ request: KeyVaultRequest) throws(KeyVaultError) {
        let segments = request.segments
        if let last = segments.last?.lowercased(), Self.unoffered.contains(last),
            segments.count != 2
        {
            throw KeyVaultError(
                status: 501, code: "NotImplemented",
                "\(last) is not offered here: keys never leave their vaults, and none is in hardware"
            )
        }
        guard let route = Self.route(segments, request.method) else {
            throw KeyVaultError(
                status: 404, code: "NotFound",
                "there is nothing at this path: see the paths of Key Vault's interface for keys")
        }
        self = route
    }

    private static func route(_ segments: [String], _ method: String) -> KeyVaultRoute? {
        let names = Array(segments.dropFirst())
        let verb = names.last?.lowercased() ?? ""
        switch (segments.first?.lowercased(), names.count) {
        case ("keys", 0): return .keys
        case ("keys", 1):
            return method == "POST" && verb == "restore" ? .restore : .key(name: names[0])
        case ("keys", 2):
            switch verb {
            case "versions" where method == "GET": return .versions(name: names[0])
            case "rotationpolicy": return .rotationPolicy(name: names[0])
            default: break
            }
            guard method == "POST" else { return .version(name: names[0], names[1]) }
            if let action = Action(rawValue: verb) { return .action(name: names[0], action) }
            return use(names[0], nil, verb)
        case ("keys", 3): return use(names[0], names[1].isEmpty ? nil : names[1], verb)
        case ("deletedkeys", 0): return .deletedKeys
        case ("deletedkeys", 1): return .deletedKey(name: names[0])
        case ("deletedkeys", 2): return verb == "recover" ? .recover(name: names[0]) : nil
        default: return nil
        }
    }

    private static func use(_ name: String, _ version: String?, _ verb: String) -> KeyVaultRoute? {
        guard let operation = KeyOperation(parsing: verb), KeyOperation.ofKeys.contains(operation)
        else { return nil }
        return .use(name: name, version: version, operation)
    }
}

extension KeyVaultRoute {
    /// The operation that a request on this route asks for.
    ///
    /// - Throws: `BadParameter`, `MethodNotAllowed`.
    func operation(
        of request: KeyVaultRequest, in vault: String
    ) throws(KeyVaultError) -> KeyVaultOperation {
        func key(_ name: String, _ version: String? = nil) throws(KeyVaultError) -> KeyIdentifier {
            do {
                return try KeyIdentifier(vault: vault, name: name, version: version)
            } catch {
                throw KeyVaultError(error, mode: .policies)
            }
        }
        switch (self, request.method) {
        case (.keys, "GET"): return .listKeys(try KeyVaultPage(request))
        case (.key(let name), "GET"): return .getKey(try key(name))
        case (.key(let name), "PATCH"):
            return .updateKey(try key(name), try KeyUpdateBody(request).changes())
        case (.key(let name), "DELETE"): return .deleteKey(try key(name))
        case (.key(let name), "PUT"):
            let body = try KeyImportBody(request)
            return .importKey(
                name: try key(name).name, try body.numbers(), try body.settings(),
                tags: body.tags ?? [:])
        case (.version(let name, let version), "GET"): return .getKey(try key(name, version))
        case (.version(let name, let version), "PATCH"):
            return .updateKey(try key(name, version), try KeyUpdateBody(request).changes())
        case (.versions(let name), "GET"):
            return .listKeyVersions(name: try key(name).name, try KeyVaultPage(request))
        case (.rotationPolicy(let name), "GET"): return .getRotationPolicy(try key(name))
        case (.rotationPolicy(let name), "PUT"):
            return .setRotationPolicy(try key(name), try RotationPolicyBody(request).policy())
        case (.action(let name, .create), _):
            let body = try KeyCreateBody(request)
            return .createKey(
                name: try key(name).name, try body.kind(), try body.settings(),
                tags: body.tags ?? [:])
        case (.action(let name, .rotate), _): return .rotateKey(name: try key(name).name)
        case (.action(let name, .backup), _): return .backupKey(name: try key(name).name)
        case (.restore, _): return .restoreKey(try KeyRestoreBody(request).value.bytes)
        case (.use(let name, let version, let operation), "POST"):
            return try use(try key(name, version), for: operation, request)
        case (.deletedKeys, "GET"): return .listDeletedKeys(try KeyVaultPage(request))
        case (.deletedKey(let name), "GET"): return .getDeletedKey(try key(name))
        case (.deletedKey(let name), "DELETE"): return .purgeDeletedKey(try key(name))
        case (.recover(let name), "POST"): return .recoverDeletedKey(try key(name))
        default:
            throw KeyVaultError(
                status: 405, code: "MethodNotAllowed",
                "\(request.method) is not a method of this path")
        }
    }

    private func use(
        _ key: KeyIdentifier, for operation: KeyOperation, _ request: KeyVaultRequest
    ) throws(KeyVaultError) -> KeyVaultOperation {
        if operation == .sign {
            let body = try KeySignBody(request)
            return .sign(key, try body.alg.algorithm(), digest: body.value.bytes)
        }
        if operation == .verify {
            let body = try KeyVerifyBody(request)
            return .verify(
                key, try body.alg.algorithm(), digest: body.digest.bytes,
                signature: body.value.bytes)
        }
        let body = try KeyOperationBody(request)
        let algorithm: EncryptionAlgorithm = try body.alg.algorithm()
        return switch operation {
        case .encrypt: .encrypt(key, algorithm, plaintext: body.value.bytes)
        case .decrypt: .decrypt(key, algorithm, ciphertext: body.value.bytes)
        case .wrapKey: .wrapKey(key, algorithm, secret: body.value.bytes)
        default: .unwrapKey(key, algorithm, wrapped: body.value.bytes)
        }
    }
}
