import SluiceAccess
import SluiceNative
import TestSupport
import Testing

@testable import SluiceVault

/// What becomes of a vault whose database someone has changed.
@Suite struct SealedKeyTests {
    let vaults: TemporaryVaults
    let first: KeyIdentifier
    let second: KeyIdentifier
    let wrapped: WrappedKey

    init() throws {
        vaults = try TemporaryVaults()
        let directory = try vaults.open()
        defer { directory.close() }
        _ = try directory.acting(as: .owner).createVault(name: "default")
        first = try directory.addKnownKey()
        second = try directory.addKnownKey()
        wrapped = try directory.wrap(secret, first)
        #expect(try directory.unwrap(wrapped) == secret)
    }

    private func change(_ sql: String) throws {
        try vaults.tamper("default") { connection in
            try connection.execute(sql)
            #expect(connection.changedRowCount > 0)
        }
    }

    /// Gives each of the two versions the other's columns.
    private func swap(_ columns: String) throws {
        try change(
            """
            CREATE TEMP TABLE other AS SELECT * FROM versions;
            UPDATE versions SET (\(columns)) =
                (SELECT \(columns) FROM other WHERE other.id <> versions.id)
            """)
    }

    private func expectDamage(_ key: KeyIdentifier) throws {
        let directory = try vaults.open()
        #expect(
            refusal { () throws(VaultError) in
                try directory.unwrap(
                    WrappedKey(scheme: 1, key: key, bytes: wrapped.bytes))
            } == .damaged)
        #expect(refusal { () throws(VaultError) in try directory.wrap(secret, key) } == .damaged)
        #expect(
            refusal { () throws(VaultError) in try directory.acting(as: .owner).key(key) }
                == .damaged)
        #expect(
            refusal { () throws(VaultError) in
                try directory.describe(key, as: .owner, deadline: .none)
            } == .damaged)
    }

    @Test(arguments: ["sealed", "salt", "public_key"])
    func `a flipped bit is found out`(column: String) throws {
        try vaults.tamper("default") { connection in
            let select = try connection.prepare("SELECT \(column) FROM versions WHERE version = ?")
            try select.bind(1, try #require(first.version))
            #expect(try select.step())
            var bytes = select.bytes(0)
            select.reset()
            bytes[bytes.count - 1] ^= 0x80
            let update = try connection.prepare(
                "UPDATE versions SET \(column) = ? WHERE version = ?")
            try update.bind(1, bytes)
            try update.bind(2, try #require(first.version))
            try update.run()
            #expect(connection.changedRowCount == 1)
        }
        try expectDamage(first)
        #expect(try vaults.open().acting(as: .owner).key(second).key.kid == second)
    }

    @Test(arguments: ["RSA-4096", "P-256", "rsa-2048", ""])
    func `another kind is found out`(kind: String) throws {
        try change("UPDATE versions SET kind = '\(kind)'")
        try expectDamage(first)
        try expectDamage(second)
    }

    @Test(arguments: ["x''", "zeroblob(16)", "zeroblob(17)", "NULL || ''", "'text'"])
    func `bytes of another length are found out`(value: String) throws {
        // A strict table refuses some, which is as well.
        do { try change("UPDATE versions SET sealed = \(value)") } catch is DatabaseError { return }
        try expectDamage(first)
    }

    @Test func `private keys swapped between versions are found out`() throws {
        try swap("salt, sealed")
        try expectDamage(first)
        try expectDamage(second)
    }

    @Test func `whole keys swapped between versions are found out`() throws {
        try swap("salt, sealed, kind, public_key")
        try expectDamage(first)
        try expectDamage(second)
    }

    @Test func `a key under another name is found out`() throws {
        try change("UPDATE keys SET name = 'other'")
        try expectDamage(
            try KeyIdentifier(vault: "default", name: "other", version: first.version))
    }

    @Test func `a version that is none is found out`() throws {
        try change("UPDATE versions SET version = 'x' || id")
        #expect(
            refusal { () throws(VaultError) in
                try vaults.open().acting(as: .owner).keyVersions(vault: "default", name: "k")
            } == .damaged)
    }

    @Test func `another vault's database is found out`() throws {
        _ = try vaults.open().acting(as: .owner).createVault(name: "other")
        try FileSystem.remove(tree: "\(vaults.path)/other")
        try Directory.open(vaults.path).rename("default", to: "other")
        #expect(
            refusal { () throws(VaultError) in
                try vaults.open().acting(as: .owner).keys(vault: "other")
            } == .damaged)
    }

    @Test func `a vault under another root key is found out`() throws {
        let others = try TemporaryVaults()
        _ = try others.open().acting(as: .owner).createVault(name: "mine")
        try Directory.open(vaults.path).rename(
            "default", to: "default", in: Directory.open(others.path))
        #expect(
            refusal { () throws(VaultError) in try others.open().unwrap(wrapped) } == .damaged)
    }

    @Test func `a later version's database is refused`() throws {
        try vaults.tamper("default") {
            try $0.execute("PRAGMA user_version = \(VaultTables.currentFormat + 1)")
        }
        #expect(
            refusal { () throws(VaultError) in try vaults.open().unwrap(wrapped) }
                == .newerVersion)
    }

    @Test func `an earlier version's database is refused as what it is`() throws {
        try vaults.tamper("default") {
            try $0.execute("PRAGMA user_version = \(VaultTables.currentFormat - 1)")
        }
        #expect(
            refusal { () throws(VaultError) in try vaults.open().unwrap(wrapped) }
                == .olderVersion)
    }

    @Test func `a file that is no database is damaged`() throws {
        let path = "\(vaults.path)/default/vault.db"
        let byteCount = try FileSystem.status(path).byteCount
        let noise = [UInt8](repeating: 0x5a, count: byteCount)
        try File.open(path, .readWrite).write(noise.span, at: 0)
        #expect(
            refusal { () throws(VaultError) in try vaults.open().unwrap(wrapped) } == .damaged)
    }

    @Test func `no private key lies in the vault's files`() throws {
        // The stored form holds the modulus too, so the prime is what to look for.
        let directory = try vaults.open()
        _ = try directory.importKey("known", Vectors.pkcs1)
        let key = try PrivateKey(
            pem: Array(Vectors.pkcs1.utf8).span, library: vaults.library)
        let stored = key.storedForm().array()
        let names = try Directory.open("\(vaults.path)/default").names().compactMap(\.string)
        #expect(names.contains("vault.db"))
        let files = try names.map { try vaults.bytes(ofFile: "\(vaults.path)/default/\($0)") }
        let piece = stored.dropFirst(stored.count - 64).prefix(32)
        #expect(piece.contains { $0 != 0 })
        for file in files {
            #expect(!file.indices.contains { file[$0...].starts(with: piece) })
        }
    }
}
