import SluiceAccess
import SluiceNative
import TestSupport
import Testing

@testable import SluiceVault

/// A directory for vaults, which is not made yet, in a temporary one that goes with this value.
final class TemporaryVaults: Sendable {
    let parent: String
    var path: String { "\(parent)/vaults" }
    let clock = ManualClock()
    let library: CryptoLibrary

    init() throws {
        parent = try FileSystem.temporaryDirectory(prefix: "sluice-vault-test-")
        library = try CryptoLibrary.load(requireFIPS: false)
    }

    deinit { try? FileSystem.remove(tree: parent) }

    /// Another instance on the same path, as another process would have.
    func open(_ rootKey: RootKeySource = .file()) throws(VaultError) -> VaultDirectory {
        try VaultDirectory.open(path: path, rootKey: rootKey, clock: clock, library: library)
    }

    /// Changes a vault's database behind the vault's back.
    func tamper(
        _ vault: String, _ change: (Connection) throws -> Void
    ) throws {
        let connection = try Connection(path: "\(path)/\(vault)/vault.db", mode: .readWrite)
        defer { connection.close() }
        try change(connection)
    }

    /// Writes a file below the parent directory, and returns its path.
    func file(_ name: String, _ bytes: [UInt8], mode: UInt32 = 0o600) throws -> String {
        let path = "\(parent)/\(name)"
        try File.createExclusively(path, mode: mode).write(bytes.span)
        return path
    }

    func bytes(ofFile path: String) throws -> [UInt8] {
        let file = try File.open(path)
        var bytes = [UInt8](repeating: 0, count: try file.status().byteCount)
        var span = bytes.mutableSpan
        _ = try file.read(into: &span)
        return bytes
    }
}

/// Vaults in memory with one vault, `default`.
func memoryVaults(clock: ManualClock = ManualClock()) throws -> VaultDirectory {
    let vaults = try VaultDirectory.inMemory(
        clock: clock, library: CryptoLibrary.load(requireFIPS: false))
    _ = try vaults.acting(as: .owner).createVault(name: "default")
    return vaults
}

extension SecretBytes {
    borrowing func array() -> [UInt8] { withBytes { bytes in bytes.indices.map { bytes[$0] } } }
}

extension VaultDirectory {
    /// Registers a scope as a store does that makes one.
    func registerScope(of store: Identity, under key: KeyIdentifier) throws {
        try registerAnchor(
            Array(repeating: 7, count: 32), store: #require(store.storeID), scope: Array(0..<16),
            under: key)
    }

    func wrap(
        _ secret: [UInt8], _ key: KeyIdentifier, as identity: Identity = .owner,
        deadline: Deadline = .none
    ) throws(VaultError) -> WrappedKey {
        try wrap(secret.span, under: key, as: identity, deadline: deadline)
    }

    func unwrap(_ wrapped: WrappedKey) throws(VaultError) -> [UInt8] {
        try unwrap(wrapped.bytes, under: wrapped.key, as: .owner, deadline: .none).array()
    }

    func importKey(
        _ name: String, _ pem: String, vault: String = "default",
        tags: [String: String] = [:], settings: KeySettings = KeySettings()
    ) throws(VaultError) -> KeyBundle {
        let pem = Array(pem.utf8)
        return try acting(as: .owner).importKey(
            vault: vault, name: name, pem: pem.span, tags: tags, settings: settings)
    }

    /// Adds the known key, which is much faster than making one: so two such versions differ in nothing
    /// but their names.
    func addKnownKey(
        _ name: String = "k", vault: String = "default", settings: KeySettings = KeySettings()
    ) throws(VaultError) -> KeyIdentifier {
        try importKey(name, Vectors.pkcs8, vault: vault, settings: settings).key.kid
    }
}

/// 32 different bytes.
let secret = Array(UInt8(0)..<32)

/// Another than the owner, as a store would have.
let someone = Identity(objectID: "11111111-2222-3333-4444-555555555555")

extension VaultDirectory {
    /// Gives `someone` these permissions in the vault `default`, and no others.
    func permit(_ permissions: KeyOperation...) throws(VaultError) {
        _ = try acting(as: .owner).setAccessPolicy(
            vault: "default", for: someone, permissions: permissions)
    }

    /// Why an identity is refused an operation; nil if it isn't.
    func authorizeRefusal(
        _ key: KeyIdentifier, _ operation: KeyOperation, as identity: Identity = someone
    ) -> VaultError.Code? {
        refusal { () throws(VaultError) in
            try authorize(key, for: operation, as: identity, deadline: .none)
        }
    }
}

/// So many seconds.
func days(_ count: Int) -> Int { count * 86_400 }
