internal import Foundation
internal import Sluice
internal import SluiceAccess
internal import SluiceNative
internal import SluiceVault
internal import TestSupport

extension FuzzTarget {
    private static let identifier =
        "https://canary.vault.localhost/keys/Key-1/00112233445566778899aabbccddeeff"

    /// Names, durations, policies, keys, records and files of vaults.
    static let vaultTargets = [
        FuzzTarget("key-identifier", [Array(identifier.utf8)]) { input in
            guard let key = try? KeyIdentifier(parsing: text(input)) else { return }
            require(
                (try? KeyIdentifier(parsing: key.description)) == key,
                "a key identifier reads back as another: \(key)")
        },
        FuzzTarget("duration", ["P90D", "P1Y2M3W4DT5H6M7S", "PT36H"].map { Array($0.utf8) }) {
            input in
            guard let duration = try? CalendarDuration(parsing: text(input)) else { return }
            require(
                (try? CalendarDuration(parsing: duration.description)) == duration,
                "a duration reads back as another: \(duration)")
        },
        FuzzTarget("moment", [[0, 0, 0, 0, 0x60, 0, 0, 0, 5, 80, 49, 77]]) { input in
            var reader = InputReader(input)
            let moment = reader.number()
            _ = CalendarDuration.text(ofSeconds: moment)
            guard let duration = try? CalendarDuration(parsing: text(reader.all())) else { return }
            _ = (duration.added(toSeconds: moment), duration.subtracted(fromSeconds: moment))
        },
        FuzzTarget("rotation-policy", [policySeed]) { input in
            let decoded = try? JSONDecoder().decode(RotationPolicy.self, from: Data(input))
            guard let decoded, let again = try? JSONEncoder().encode(decoded) else { return }
            require(
                (try? JSONDecoder().decode(RotationPolicy.self, from: again)) == decoded,
                "a rotation policy reads back as another")
        },
        FuzzTarget("operation-record", [recordSeed]) { input in
            let decoded = try? JSONDecoder().decode(OperationRecord.self, from: Data(input))
            guard let decoded else { return }
            var line: [UInt8] = []
            decoded.append(to: &line)
            require(line.firstIndex(of: UInt8(ascii: "\n")) == line.count - 1, "a record is lines")
            require(
                (try? JSONDecoder().decode(OperationRecord.self, from: Data(line))) == decoded,
                "a record reads back as another")
        },
        FuzzTarget(
            "root-key-record",
            [
                recordHead(1, 1, 0, 0, 0),
                recordHead(2, 2, 17, 8, 1) + Array(repeating: 5, count: 48),
            ]
        ) { input in
            guard let record = try? RootKeyRecord(decoding: input, path: "root.check") else {
                return
            }
            require(record.encoded == input, "a root key's record has a second encoding")
        },
        FuzzTarget("next-root-key", [nextSeed]) { input in
            guard let next = try? NextRootKey(decoding: input, path: "root.next") else { return }
            require(next.encoded == input, "a next root key has a second encoding")
        },
        FuzzTarget("key-backup", [backupSeed(1), backupSeed(2)]) { input in
            _ = try? BackupFile(decoding: input)
        },
        FuzzTarget("private-key-pem", pemSeeds, preparing: privateKey(isPEM: true)),
        FuzzTarget("private-key-numbers", numberSeeds, preparing: privateKey(isPEM: false)),
        FuzzTarget("root-key-file", [Array(repeating: 9, count: 32)], preparing: rootKeyFile),
        FuzzTarget("barrier-file", [Array(repeating: 0, count: 20)], preparing: barrierFile),
        FuzzTarget("operation-log", [recordSeed + recordSeed], preparing: operationLog),
        FuzzTarget(
            "vault-database",
            [[3, 4, 5, 0, 0, 0, 0, 1], [9, 1], [0xE4, 0xF4, 0x04, 0x4E, 0x46, 0x46]],
            preparing: database),
    ]

    private static let policySeed = Array(
        """
        {"lifetimeActions":[{"trigger":{"timeAfterCreate":"P90D"},"action":{"type":"rotate"}},\
        {"trigger":{"timeBeforeExpiry":"P30D"},"action":{"type":"Notify"}}],\
        "attributes":{"expiryTime":"P2Y","created":1,"updated":2}}
        """.utf8)

    private static let recordSeed = Array(
        """
        {"time":1,"identity":"owner","operation":"unwrapKey","key":"\(identifier)","outcome":"ok"}

        """.utf8)

    private static let nextSeed =
        Array("SLUICERN".utf8) + [1, 0, 0, 0, 0, 0, 0, 0] + Array(repeating: 3, count: 80)
        + recordHead(1, 1, 0, 0, 0)

    private static func backupSeed(_ kind: UInt8) -> [UInt8] {
        let key = kind == 1 ? Array("key".utf8) : []
        return Array("SLUICEBK".utf8) + [1, kind, 0, 6, 0, UInt8(key.count), 0, 0]
            + Array(repeating: 4, count: 64) + Array("canary".utf8) + key
            + Array(repeating: 6, count: 40)
    }

    private static func recordHead(_ parameters: UInt8...) -> [UInt8] {
        Array("SLUICERK".utf8) + parameters + [0, 0, 0] + Array(repeating: 7, count: 64)
    }

    // MARK: Keys

    private static let pemSeeds =
        (try? ["key-1.pem", "platform.pem"].map { try Checkout.read("Data/vectors/example/\($0)") })
        ?? [Array("-----BEGIN PRIVATE KEY-----\nMIIEvAIBADANBgkqhkiG9w0B\n".utf8)]

    private static let numberSeeds: [[UInt8]] = {
        let library = try? CryptoLibrary.load(requireFIPS: false)
        return pemSeeds.map { pem in
            guard let library, let key = try? PrivateKey(pem: pem.span, library: library)
            else { return Array("RSA2048\u{1}".utf8) + Array(repeating: 3, count: 1160) }
            return key.storedForm().withBytes { bytes in bytes.indices.map { bytes[$0] } }
        }
    }()

    /// Whatever is taken for a key wraps and unwraps, or signs, or fails.
    private static func privateKey(
        isPEM: Bool
    ) -> @Sendable (String) throws -> @Sendable ([UInt8]) -> Void {
        { _ in
            let library = try CryptoLibrary.load(requireFIPS: false)
            return { input in
                let key =
                    isPEM
                    ? try? PrivateKey(pem: input.span, library: library)
                    : try? PrivateKey(storedForm: input.span, library: library)
                let secret: [UInt8] = [1, 2, 3]
                switch key {
                case .rsa(let key):
                    guard let wrapped = try? key.publicKey.wrap(secret.span) else { return }
                    _ = try? key.unwrap(wrapped.span)
                case .elliptic(let key): _ = try? key.sign(Array(0..<32).span)
                case nil: break
                }
            }
        }
    }

    // MARK: Files

    private static let rootKeyFile: @Sendable (String) throws -> @Sendable ([UInt8]) -> Void = {
        let (vaults, path) = try vaults(below: $0)
        vaults.close()
        let right = try SecretHome.bytes(atPath: "\(path)/root.key")
        let key = try KeyIdentifier(vault: "canary", name: "key")
        return { input in
            write(input, "\(path)/root.key")
            guard let opened = try? open(path) else { return }
            defer { opened.close() }
            let secret: [UInt8] = [1, 2]
            let wrapped = try? opened.wrap(secret.span, under: key, as: .owner, deadline: .none)
            require(wrapped == nil || input == right, "the wrong root key opens a vault")
        }
    }

    /// Bytes of the header are replaced, of which each has a meaning, and of the nonce's file.
    private static let barrierFile: @Sendable (String) throws -> @Sendable ([UInt8]) -> Void = {
        directoryPath in
        try ReadBarrier.open(directoryPath: directoryPath, blockCount: 2, hook: nil).close()
        let whole = try SecretHome.bytes(atPath: "\(directoryPath)/barrier")
        let nonce = try SecretHome.bytes(atPath: "\(directoryPath)/barrier.nonce")
        return { input in
            var (bytes, reader) = (whole, InputReader(input))
            var other = nonce
            while !reader.isEmpty {
                let (place, value) = (Int(reader.byte()), reader.byte())
                switch place {
                case ..<200: bytes[place] = value
                case ..<220: other = Array(other.prefix(Int(value)))
                case ..<230: bytes = Array(bytes.prefix(Int(value) << 6))
                default: bytes += [value]
                }
                if bytes.count < 200 { break }
            }
            write(bytes, "\(directoryPath)/barrier")
            write(other, "\(directoryPath)/barrier.nonce")
            guard
                let barrier = try? ReadBarrier.open(
                    directoryPath: directoryPath, blockCount: 2, hook: nil)
            else { return }
            _ = try? barrier.confirm(waiting: .seconds(0))
            barrier.close()
        }
    }

    private static let operationLog: @Sendable (String) throws -> @Sendable ([UInt8]) -> Void = {
        let (vaults, path) = try vaults(below: $0)
        return { input in
            write(input, "\(path)/canary/operations.log")
            _ = try? vaults.acting(as: .owner).operations(vault: "canary")
        }
    }

    /// Any column of any row of a vault's database holds whatever its type allows.
    private static let database: @Sendable (String) throws -> @Sendable ([UInt8]) -> Void = {
        let (vaults, path) = try vaults(below: $0)
        vaults.close()
        let database = "\(path)/canary/vault.db"
        let original = try SecretHome.bytes(atPath: database)
        let columns = try Self.columns(of: database)
        return { input in
            for suffix in ["-wal", "-shm"] {
                try? FileManager.default.removeItem(atPath: database + suffix)
            }
            write(original, database)
            var reader = InputReader(input)
            do {
                let connection = try Connection(path: database, mode: .readWrite)
                defer { connection.close() }
                try connection.execute("PRAGMA synchronous = OFF; PRAGMA foreign_keys = OFF")
                repeat {
                    let column = columns[Int(reader.byte()) % columns.count]
                    let update = try connection.prepare(
                        "UPDATE \(column.table) SET \(column.name) = ?")
                    switch column.type {
                    case "INTEGER": try update.bind(1, reader.number())
                    case "TEXT": try update.bind(1, text(reader.bytes(Int(reader.byte()))))
                    default: try update.bind(1, reader.bytes(Int(reader.byte()) * 8))
                    }
                    try? update.run()
                } while !reader.isEmpty
            } catch {
                return
            }
            use(path)
        }
    }

    private static func columns(
        of database: String
    ) throws -> [(table: String, name: String, type: String)] {
        let connection = try Connection(path: database, mode: .readWrite)
        defer { connection.close() }
        let rows = try connection.prepare(
            """
            SELECT m.name, c.name, c.type FROM sqlite_schema m, pragma_table_info(m.name) c
            WHERE m.type = 'table' ORDER BY 1, 2
            """)
        var columns: [(String, String, String)] = []
        while try rows.step() { columns.append((rows.text(0), rows.text(1), rows.text(2))) }
        return columns
    }

    /// Whatever a user may want of a vault.
    private static func use(_ path: String) {
        guard let vaults = try? open(path) else { return }
        defer { vaults.close() }
        guard let key = try? KeyIdentifier(vault: "canary", name: "key") else { return }
        _ = try? vaults.acting(as: .owner).vault("canary")
        _ = try? vaults.acting(as: .owner).keys(vault: "canary")
        _ = try? vaults.acting(as: .owner).keyVersions(vault: "canary", name: "key")
        _ = try? vaults.acting(as: .owner).key(key)
        _ = try? vaults.acting(as: .owner).deletedKeys(vault: "canary")
        _ = try? vaults.acting(as: .owner).rotationPolicy(vault: "canary", name: "key")
        let secret: [UInt8] = [1, 2]
        let wrapped = try? vaults.wrap(secret.span, under: key, as: .owner, deadline: .none)
        if let wrapped {
            _ = try? vaults.unwrap(wrapped.bytes, under: wrapped.key, as: .owner, deadline: .none)
        }
        _ = try? vaults.acting(as: .owner).setAccessPolicy(
            vault: "canary", for: Identity(storeID: Array(repeating: 1, count: 16)))
        _ = try? vaults.acting(as: .owner).deleteKey(key)
        _ = try? vaults.acting(as: .owner).recoverKey(key)
    }

    private static func open(_ path: String) throws -> VaultDirectory {
        try VaultDirectory.open(path: path, library: .load(requireFIPS: false))
    }

    /// Vaults with one key that has a policy.
    private static func vaults(below directoryPath: String) throws -> (VaultDirectory, String) {
        let path = "\(directoryPath)/vaults"
        let vaults = try open(path)
        _ = try vaults.acting(as: .owner).createVault(name: "canary")
        let key = try vaults.acting(as: .owner).createKey(vault: "canary", name: "key").key.kid
        _ = try vaults.acting(as: .owner).setRotationPolicy(
            RotationPolicy(rotateAfterCreate: .days(90), expiryTime: .days(200)), vault: "canary",
            name: key.name)
        return (vaults, path)
    }

    private static func write(_ bytes: [UInt8], _ path: String) {
        // In place: what has it open goes on with it.
        let handle = FileHandle(forWritingAtPath: path)
        guard let handle else {
            _ = FileManager.default.createFile(
                atPath: path, contents: Data(bytes), attributes: [.posixPermissions: 0o600])
            return
        }
        try? handle.truncate(atOffset: 0)
        try? handle.write(contentsOf: Data(bytes))
        try? handle.close()
    }
}
