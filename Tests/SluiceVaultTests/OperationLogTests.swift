import Foundation
import SluiceAccess
import SluiceNative
import TestSupport
import Testing

@testable import SluiceVault

@Suite struct OperationLogTests {
    let files: TemporaryVaults

    init() throws {
        files = try TemporaryVaults()
        try FileSystem.makeDirectories(files.path)
    }

    private func record(_ number: Int, identity: String = "owner") -> OperationRecord {
        OperationRecord(
            timeMilliseconds: number, identity: identity, operation: "wrapKey", key: nil,
            outcome: "ok")
    }

    private func log(_ fileByteCountLimit: Int = 8 << 20) throws -> OperationLog {
        OperationLog(
            in: try Directory.open(files.path), fileByteCountLimit: fileByteCountLimit)
    }

    @Test func `operations are logged with who, what, which version and outcome`() throws {
        for vaults in [try files.open(), try memoryVaults()] {
            if try vaults.acting(as: .owner).vaults().isEmpty {
                _ = try vaults.acting(as: .owner).createVault(name: "default")
            }
            let key = try vaults.addKnownKey()
            let wrapped = try vaults.wrap(secret, key.versionless)
            _ = try vaults.unwrap(wrapped)
            _ = refusal { () throws(VaultError) in
                try vaults.wrap(secret, key, as: Identity(objectID: "x\"\\\n\u{1}é"))
            }
            _ = try vaults.acting(as: .owner).deleteKey(key.versionless)
            _ = refusal { () throws(VaultError) in try vaults.unwrap(wrapped) }
            let records = try vaults.acting(as: .owner).operations(vault: "default").records
            #expect(
                records.map(\.operation) == [
                    "import", "wrapKey", "unwrapKey", "wrapKey", "delete", "unwrapKey",
                ])
            #expect(
                records.map(\.outcome) == [
                    "ok", "ok", "ok", "accessDenied", "ok", "keyDeleted",
                ])
            #expect(records.map(\.key) == [key, key, key, key, key.versionless, key])
            #expect(
                records.map(\.identity) == [
                    "owner", "owner", "owner", "x\"\\\n\u{1}é", "owner", "owner",
                ])
            #expect(
                vaults.operationCounts.contains {
                    $0.operation == "wrapKey" && $0.outcome == "accessDenied" && $0.count == 1
                })
        }
    }

    @Test func `reading goes on where it ended`() throws {
        for log in [try log(), OperationLog()] {
            #expect(try log.read(after: nil).records.isEmpty)
            log.append(record(1))
            let first = try log.read(after: nil)
            #expect(first.records == [record(1)])
            #expect(try log.read(after: first.position).records.isEmpty)
            log.append(record(2))
            log.append(record(3))
            let second = try log.read(after: first.position)
            #expect(second.records == [record(2), record(3)])
            #expect(try log.read(after: nil).records == [record(1), record(2), record(3)])
        }
    }

    @Test func `the records of several processes are in one log`() throws {
        let (first, second) = (try log(), try log())
        for number in 0..<10 {
            let log = number.isMultiple(of: 2) ? first : second
            log.append(record(number))
            log.flush()
        }
        #expect(try log().read(after: nil).records == (0..<10).map { record($0) })
    }

    @Test func `a full file makes room, and a reader that was behind misses nothing`() throws {
        // 62 bytes a line, so that it is full with every fourth.
        let (writer, other, reader) = (try log(240), try log(240), try log())
        var read: [OperationRecord] = []
        var position: OperationLogPosition?
        for number in 100..<140 {
            // Two writers, who find out about each other's renames.
            let log = number.isMultiple(of: 2) ? writer : other
            log.append(record(number))
            log.flush()
            guard number.isMultiple(of: 3) else { continue }
            let page = try reader.read(after: position)
            read += page.records
            position = page.position
        }
        read += try reader.read(after: position).records
        #expect(read == (100..<140).map { record($0) })
        // The last file and the one before are kept, no more.
        let kept = try reader.read(after: nil).records
        #expect((4...8).contains(kept.count))
        #expect(kept == Array(read.suffix(kept.count)))
    }

    @Test func `a line that is not yet whole, or none, is left out`() throws {
        let log = try log()
        log.append(record(1))
        log.flush()
        let file = try Directory.open(files.path).openFileForAppending(OperationLog.name)
        try file.write(Array("rubbish\n{\"time\":2".utf8).span)
        let first = try log.read(after: nil)
        #expect(first.records == [record(1)])
        try file.write(
            Array(",\"identity\":\"a\",\"operation\":\"get\",\"outcome\":\"ok\"}\n".utf8).span)
        #expect(try log.read(after: first.position).records.map(\.timeMilliseconds) == [2])
    }

    @Test func `a hole in the log is skipped, however large`() throws {
        let log = try log()
        log.append(record(1))
        log.flush()
        let path = "\(files.path)/\(OperationLog.name)"
        for (number, byteCount) in [(2, 1 << 40), (3, (1 << 41) + 17)] {
            try File.open(path, .readWrite).truncate(to: byteCount)
            let file = try Directory.open(files.path).openFileForAppending(OperationLog.name)
            var line: [UInt8] = []
            record(number).append(to: &line)
            try file.write(line.span)
        }
        let page = try log.read(after: nil)
        #expect(page.records == [record(1), record(2), record(3)])
        #expect(!page.hasMore)
        #expect(try log.read(after: page.position).records.isEmpty)
    }

    @Test func `what isn't a log's is read in pages`() throws {
        let log = try log()
        log.append(record(1))
        log.flush()
        let file = try Directory.open(files.path).openFileForAppending(OperationLog.name)
        // One line, longer than a page, and then some.
        let piece = [UInt8](repeating: UInt8(ascii: "x"), count: 1 << 20)
        for _ in 0..<40 { try file.write(piece.span) }
        try file.write([UInt8(ascii: "\n")].span)
        var line: [UInt8] = []
        record(2).append(to: &line)
        try file.write(line.span)
        let first = try log.read(after: nil)
        #expect(first.records == [record(1)])
        #expect(first.hasMore)
        let second = try log.read(after: first.position)
        #expect(second.records == [record(2)])
        #expect(!second.hasMore)
    }

    @Test func `a pipe in the log's place is not waited for`() throws {
        FileChange.makePipe("\(files.path)/\(OperationLog.name)")
        #expect(try log().read(after: nil).records.isEmpty)
    }

    @Test func `lines are written though nobody asks for them`() throws {
        let log = try log()
        log.append(record(1))
        let path = "\(files.path)/\(OperationLog.name)"
        let limit = Deadline.seconds(60)
        while !limit.hasPassed {
            if try FileSystem.exists(path), try FileSystem.status(path).byteCount > 0 { break }
            Thread.sleep(forTimeInterval: 0.005)
        }
        #expect(try !files.bytes(ofFile: path).isEmpty)
        #expect(try FileSystem.status(path).mode == 0o600)
    }

    @Test func `in memory the last records are kept`() throws {
        let log = OperationLog(recordLimit: 4)
        for number in 0..<21 { log.append(record(number)) }
        let page = try log.read(after: nil)
        #expect((4..<8).contains(page.records.count))
        #expect(page.records.last == record(20))
        log.append(record(21))
        #expect(try log.read(after: page.position).records == [record(21)])
    }

    @Test func `a log that can't be written stands in nobody's way`() throws {
        try FileSystem.makeDirectories("\(files.path)/\(OperationLog.name)")
        let log = try log()
        for number in 0..<10_000 { log.append(record(number)) }
        log.flush()
    }
}

@Suite struct VaultFaultsTests {
    let vaults: VaultDirectory
    let key: KeyIdentifier

    init() throws {
        vaults = try memoryVaults()
        key = try vaults.addKnownKey()
    }

    private func wrap(_ deadline: Deadline = .none) -> VaultError.Code? {
        refusal { () throws(VaultError) in try vaults.wrap(secret, key, deadline: deadline) }
    }

    @Test func `the call that is meant fails, once`() {
        vaults.faults.fail(.io, callNumber: 3, of: .wrapKey)
        #expect(wrap() == nil)
        _ = try? vaults.acting(as: .owner).key(key)
        #expect([wrap(), wrap(), wrap()] == [nil, .io, nil])
    }

    @Test func `all calls fail until it is over`() {
        vaults.faults.fail(.vaultNotFound, callNumber: nil)
        #expect([wrap(), wrap()] == [.vaultNotFound, .vaultNotFound])
        #expect(
            refusal { () throws(VaultError) in
                try vaults.acting(as: .owner).rotateKey(vault: "default", name: "k")
            } == .vaultNotFound)
        vaults.faults.removeAll()
        #expect(wrap() == nil)
    }

    @Test func `a call that is delayed gives up at its deadline`() {
        vaults.faults.delay(seconds: 3600)
        #expect(wrap(.seconds(0.01)) == .deadlineExceeded)
        vaults.faults.delay(seconds: 0.01, of: .wrapKey)
        #expect(wrap() == nil)
    }

    @Test func `a fault is counted and logged as an outcome`() throws {
        vaults.faults.fail(.io)
        _ = wrap()
        #expect(
            try vaults.acting(as: .owner).operations(vault: "default").records.last?.outcome == "io"
        )
    }
}

@Suite struct StoreSetupTests {
    let clock = ManualClock()
    let vaults: VaultDirectory
    let key: KeyIdentifier

    init() throws {
        vaults = try memoryVaults(clock: clock)
        key = try vaults.addKnownKey(
            settings: KeySettings(expiresSeconds: ManualClock().nowSeconds() + 10))
    }

    private func code(_ key: KeyIdentifier) -> VaultError.Code? {
        refusal { () throws(VaultError) in try vaults.checkSuitableForStore(key, as: someone) }
    }

    @Test func `a store needs three permissions, and no more`() throws {
        for missing in KeyOperation.ofStores {
            _ = try vaults.acting(as: .owner).setAccessPolicy(
                vault: "default", for: someone,
                permissions: KeyOperation.allCases.filter { $0 != missing })
            #expect(code(key) == .accessDenied)
        }
        try vaults.permit(.get, .wrapKey, .unwrapKey)
        #expect(code(key) == nil)
        #expect(code(key.versionless) == nil)
    }

    @Test func `a key that can't serve is refused with its cause`() throws {
        try vaults.permit(.get, .wrapKey, .unwrapKey)
        _ = try vaults.acting(as: .owner).setIdentity(someone, isEnabled: false)
        #expect(code(key) == .identityDisabled)
        _ = try vaults.acting(as: .owner).setIdentity(someone, isEnabled: true)
        _ = try vaults.acting(as: .owner).updateKey(key, KeyChanges(isEnabled: false))
        #expect(code(key) == .keyDisabled)
        _ = try vaults.acting(as: .owner).updateKey(
            key, KeyChanges(isEnabled: true, operations: [.wrapKey]))
        #expect(code(key) == .operationNotPermitted)
        _ = try vaults.acting(as: .owner).updateKey(
            key, KeyChanges(operations: [.wrapKey, .unwrapKey]))
        #expect(code(key) == nil)
        clock.advance(bySeconds: 10)
        #expect(code(key) == .keyExpired)
        _ = try vaults.acting(as: .owner).deleteKey(key.versionless)
        #expect(code(key) == .keyDeleted)
        _ = try vaults.acting(as: .owner).deleteVault("default")
        #expect(code(key) == .vaultDeleted)
    }

    @Test func `a vault without purge protection is refused`() throws {
        _ = try vaults.acting(as: .owner).createVault(name: "loose", isPurgeProtected: false)
        _ = try vaults.acting(as: .owner).setAccessPolicy(
            vault: "loose", for: someone, permissions: KeyOperation.ofStores)
        let loose = try vaults.addKnownKey(vault: "loose")
        #expect(code(loose) == .purgeProtectionMissing)
        _ = try vaults.acting(as: .owner).enablePurgeProtection(vault: "loose")
        #expect(code(loose) == nil)
    }

    @Test func `the platform's key suits every store that has a scope there, and no other`() throws
    {
        let platform = try vaults.platformKey()
        #expect(code(platform) == .accessDenied)
        try vaults.registerScope(of: someone, under: platform)
        #expect(code(platform) == nil)
    }

    @Test func `causes map to the three codes of a storage client`() {
        let codes: [(VaultError.Code, String?)] = [
            (.keyNotFound, "KeyVaultEncryptionKeyNotFound"),
            (.keyDisabled, "KeyVaultEncryptionKeyNotFound"),
            (.keyDeleted, "KeyVaultEncryptionKeyNotFound"),
            (.accessDenied, "KeyVaultEncryptionKeyNotFound"),
            (.identityDisabled, "KeyVaultAccessTokenCannotBeAcquired"),
            (.vaultDeleted, "KeyVaultVaultNotFound"), (.vaultNotFound, "KeyVaultVaultNotFound"),
            (.io, nil),
        ]
        for (code, expected) in codes { #expect(code.storageErrorCode == expected) }
    }
}
