internal import Foundation
internal import Sluice
internal import SluiceFormat
internal import SluiceNative

/// A home whose every secret is known to whoever made what goes into it.
struct SecretHome {
    static let vault = "canary"
    static let key = "key"
    static let scopeText = "customer"
    static let keyFiles = ["key-1.pem", "key-2.pem"]

    /// Holds the home, and beside it what comes from outside and goes there.
    let directoryPath: String

    var location: StoreLocation { StoreLocation(home: "\(directoryPath)/home") }
    var homePath: String { "\(directoryPath)/home" }

    static func scope() throws(StoreError) -> ScopeName { try ScopeName(scopeText) }

    /// A file from outside, in the arena: the process that looks at secrets leaves no trace of them.
    func input(_ name: String) throws -> SecretBytes {
        let file = try File.open("\(directoryPath)/in/\(name)")
        var bytes = SecretBytes(byteCount: try file.status().byteCount)
        _ = try bytes.withMutableBytes { bytes throws(SystemError) in try file.read(into: &bytes) }
        return bytes
    }

    func text(_ name: String) throws -> String {
        try String(contentsOfFile: "\(directoryPath)/in/\(name)", encoding: .utf8)
    }

    /// Where the root key comes from: a passphrase, if there is a file of one.
    func rootKey() -> RootKeySource {
        guard FileManager.default.fileExists(atPath: "\(directoryPath)/in/passphrase") else {
            return .file()
        }
        return .passphrase { () throws(VaultError) in
            do {
                return try input("passphrase")
            } catch {
                throw VaultError(.io, "the passphrase can't be read: \(error)")
            }
        }
    }

    func open() throws -> Store {
        var options = StoreOptions()
        options.durability = .none
        return try Store.open(location, rootKey: rootKey(), options: options)
    }
}

// MARK: - Every key

extension SecretHome {
    /// Who the store is to the vaults.
    func identity() throws -> Identity {
        let catalog = try Connection(path: "\(homePath)/store/catalog.db", mode: .readWrite)
        defer { catalog.close() }
        let row = try catalog.prepare("SELECT store_id FROM store")
        guard try row.step() else { throw Missing(what: "the store's row") }
        return Identity(storeID: row.bytes(0))
    }
}

extension SecretHome {
    /// Every key of the home, computed anew from the files and the private keys alone.
    func keys(_ library: CryptoLibrary) throws -> [Secret] {
        let privateKeys = try Self.keyFiles.map { name in
            try input(name).withBytes { pem throws(CryptoError) in
                try PrivateKey(pem: pem, library: library)
            }
        }.compactMap { key in
            if case .rsa(let key) = key { key } else { nil }
        }
        return try privateKeys.flatMap(Self.numbers) + vaultKeys(library)
            + catalogKeys(privateKeys, library)
    }

    /// A private key's numbers, in the byte orders of files and of memory.
    private static func numbers(of key: RSAPrivateKey) -> [Secret] {
        let stored = key.storedForm().withBytes { bytes in bytes.indices.map { bytes[$0] } }
        // All but the modulus and the public exponent: d, p, q and what comes of them.
        let places = [272..<528, 528..<656, 656..<784, 784..<912, 912..<1040, 1040..<1168]
        return places.flatMap { place in
            let number = Array(stored[place])
            return [Secret(.privateKey, number), Secret(.privateKey, number.reversed())]
        }
    }

    /// The root key, and the keys under which it seals private keys.
    private func vaultKeys(_ library: CryptoLibrary) throws -> [Secret] {
        let root: [UInt8]
        var secrets: [Secret] = []
        if FileManager.default.fileExists(atPath: "\(directoryPath)/in/passphrase") {
            let passphrase = try Self.bytes(atPath: "\(directoryPath)/in/passphrase")
            let record = try Self.bytes(atPath: "\(homePath)/vaults/root.check")
            var stretched = [UInt8](repeating: 0, count: 32)
            var output = stretched.mutableSpan
            try library.scrypt(
                passphrase: passphrase.span, salt: record.span.extracting(16..<48),
                n: 1 << UInt64(record[10]), r: 8, p: 1, into: &output)
            root = try Self.open(record, stretched, library)
            secrets.append(Secret(.passphrase, passphrase))
            secrets.append(Secret(.rootKey, stretched))
        } else {
            root = try Self.bytes(atPath: "\(homePath)/vaults/root.key")
        }
        secrets.append(Secret(.rootKey, root))
        let label = Array("sluice vault v1: private key".utf8)
        let info = [0, 0, 0, UInt8(label.count)] + label + [0, 0, 0, 0]
        let database = try Connection(
            path: "\(homePath)/vaults/\(Self.vault)/vault.db", mode: .readWrite)
        defer { database.close() }
        let rows = try database.prepare("SELECT salt FROM versions")
        while try rows.step() {
            secrets.append(
                Secret(.sealingKey, try Self.derive(root, rows.bytes(0), info, 32, library)))
        }
        return secrets
    }

    /// The root key that a record of a passphrase holds.
    private static func open(
        _ record: [UInt8], _ stretched: [UInt8], _ library: CryptoLibrary
    ) throws -> [UInt8] {
        let label = Array("sluice vault v1: root key".utf8)
        let info = [0, 0, 0, UInt8(label.count)] + label + [0, 0, 0, 0]
        let key = try Self.derive(stretched, Array(record[16..<48]), info, 32, library)
        var root = [UInt8](repeating: 0, count: 32)
        var output = root.mutableSpan
        var cipher = try AES256GCM(library)
        try cipher.setKey(key.span)
        try cipher.open(
            record.span.extracting(80..<128), nonce: Nonce96(repeating: 0),
            authenticating: record.span.extracting(0..<16), into: &output)
        return root
    }

    /// Scope keys, data keys, and the keys of every object.
    private func catalogKeys(
        _ privateKeys: [RSAPrivateKey], _ library: CryptoLibrary
    ) throws -> [Secret] {
        let catalog = try Connection(path: "\(homePath)/store/catalog.db", mode: .readWrite)
        defer { catalog.close() }
        var secrets: [Secret] = []
        let scopes = try catalog.prepare(
            """
            SELECT store_id, scope_id, wrapped, scopes.id FROM scopes, store
            WHERE name = '\(Self.scopeText)'
            """)
        guard try scopes.step() else { throw Missing(what: "the scope's row") }
        let scopeKey = try Self.unwrap(scopes.bytes(2), privateKeys)
        let derived = try Self.derive(
            scopeKey, scopes.bytes(0) + scopes.bytes(1), Array("sluice/2 scope".utf8), 160, library)
        secrets.append(Secret(.scopeKey, scopeKey))
        // The object root and the record key; the document root and the tag key.
        let root = Array(derived[32..<64])
        secrets += [Secret(.scopeKey, root), Secret(.scopeKey, Array(derived[128..<160]))]
        secrets.append(Secret(.contextKey, Array(derived[64..<128])))
        let scopeRowID = scopes.int(3)
        let objects = try catalog.prepare(
            """
            SELECT wrapped, object_id, chunk_exponent, codec
            FROM objects JOIN wrapped_keys ON wrapped_keys.id = wrapped_key
            WHERE objects.scope = \(scopeRowID)
            """)
        var dataKeys: [[UInt8]: [UInt8]] = [:]
        while try objects.step() {
            let wrapped = objects.bytes(0)
            let dataKey = try dataKeys[wrapped] ?? Self.unwrap(wrapped, privateKeys)
            dataKeys[wrapped] = dataKey
            let info =
                Array("sluice/2 object".utf8)
                + [2, 1, UInt8(objects.int(2)), UInt8(objects.int(3))]
            let keys = try Self.derive(dataKey + root, objects.bytes(1), info, 96, library)
            secrets.append(Secret(.objectKey, Array(keys[0..<64])))
        }
        return secrets + dataKeys.values.map { Secret(.dataKey, $0) }
    }

    private struct Missing: Error {
        let what: String
    }

    private static func unwrap(_ wrapped: [UInt8], _ keys: [RSAPrivateKey]) throws -> [UInt8] {
        for key in keys {
            guard let secret = try? key.unwrap(wrapped.span) else { continue }
            return secret.withBytes { bytes in bytes.indices.map { bytes[$0] } }
        }
        throw Missing(what: "the key that a key is wrapped under")
    }

    private static func derive(
        _ secret: [UInt8], _ salt: [UInt8], _ info: [UInt8], _ byteCount: Int,
        _ library: CryptoLibrary
    ) throws(CryptoError) -> [UInt8] {
        var derived = [UInt8](repeating: 0, count: byteCount)
        var output = derived.mutableSpan
        try library.hkdfSHA256(
            secret: secret.span, salt: salt.span, info: info.span, into: &output)
        return derived
    }

    static func bytes(atPath path: String) throws -> [UInt8] {
        [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
    }
}
