import SluiceAccess
import SluiceNative
import Synchronization
import TestSupport
import Testing

@testable import SluiceVault

@Suite struct RootKeyChangeTests {
    let vaults: TemporaryVaults

    init() throws { vaults = try TemporaryVaults() }

    private let store = Identity(objectID: "22222222-3333-4444-5555-666666666666")

    private func passphrase(_ text: String) -> RootKeySource {
        .passphrase { () throws(VaultError) in SecretBytes(copying: Array(text.utf8).span) }
    }

    /// Two vaults with keys, and what was wrapped under each.
    private func prepare(_ directory: VaultDirectory) throws -> [WrappedKey] {
        let owner = directory.acting(as: .owner)
        var wrapped: [WrappedKey] = []
        for vault in ["default", "other"] {
            _ = try owner.createVault(name: vault)
            for name in ["a", "b"] {
                wrapped.append(
                    try directory.wrap(secret, directory.addKnownKey(name, vault: vault)))
            }
        }
        try directory.permit(.get, .wrapKey, .unwrapKey)
        try directory.registerScope(of: store, under: wrapped[0].key)
        // One that nobody can use now is sealed, too.
        _ = try owner.deleteVault("other")
        return wrapped
    }

    private func check(_ wrapped: [WrappedKey], _ directory: VaultDirectory) throws {
        let owner = directory.acting(as: .owner)
        if try owner.deletedVaults().map(\.name) == ["other"] {
            _ = try owner.recoverVault("other")
        }
        for each in wrapped { #expect(try directory.unwrap(each) == secret) }
        let anchor = try directory.anchor(
            store: #require(store.storeID), scope: Array(0..<16), under: wrapped[0].key)
        #expect(anchor == Array(repeating: 7, count: 32))
    }

    private var rootKey: [UInt8] {
        get throws { try vaults.bytes(ofFile: "\(vaults.path)/root.key") }
    }

    private func names() throws -> Set<String> {
        Set(try Directory.open(vaults.path).names().compactMap(\.string))
    }

    // MARK: The root key

    @Test func `a new root key opens everything, and the old one nothing`() throws {
        let directory = try vaults.open()
        let wrapped = try prepare(directory)
        let old = try vaults.file("old.key", try rootKey)
        let before = try names()
        let rotation = try directory.acting(as: .owner).rotateRootKey()
        #expect(rotation.vaults == ["default", "other", "platform"])
        #expect(rotation.keyVersionCount == 4)
        #expect(try rootKey != vaults.bytes(ofFile: old))
        #expect(try FileSystem.status("\(vaults.path)/root.key").mode == 0o600)
        #expect(try names() == before)
        #expect(
            refusal { () throws(VaultError) in
                try vaults.open(.file(path: old)).unwrap(wrapped[0])
            } == .wrongRootKey)
        // Neither in the rows.
        let secretBytes = try vaults.bytes(ofFile: old)
        let former = RootKey(SecretBytes(copying: secretBytes.span), library: vaults.library)
        try vaults.tamper("default") { connection in
            let contents = try BackupTables(VaultTables(connection: connection))
                .sealedContents()
            #expect(throws: VaultError.self) {
                try contents.renewed(under: RootKeys(current: former), vault: "default")
            }
        }
        try check(wrapped, try vaults.open())
        let records = try directory.acting(as: .owner).operations(vault: "default").records
        #expect(records.contains { $0.operation == "rotateRootKey" && $0.outcome == "ok" })
    }

    @Test func `a key file elsewhere, and a link to it, are exchanged where they are`() throws {
        let path = try vaults.file("mine.key", [UInt8](repeating: 7, count: 32))
        let link = "\(vaults.parent)/link.key"
        FileChange.makeLink(link, to: path)
        let directory = try vaults.open(.file(path: link))
        let wrapped = try prepare(directory)
        _ = try directory.acting(as: .owner).rotateRootKey()
        #expect(try vaults.bytes(ofFile: path) != [UInt8](repeating: 7, count: 32))
        #expect(try FileSystem.status(link, followLinks: false).kind == .symbolicLink)
        try check(wrapped, try vaults.open(.file(path: link)))
    }

    @Test func `under a passphrase, it stays under that`() throws {
        let source = passphrase("correct horse")
        let directory = try vaults.open(source)
        let wrapped = try prepare(directory)
        let record = try vaults.bytes(ofFile: "\(vaults.path)/root.check")
        _ = try directory.acting(as: .owner).rotateRootKey()
        #expect(try vaults.bytes(ofFile: "\(vaults.path)/root.check") != record)
        try check(wrapped, try vaults.open(source))
        #expect(try !names().contains("root.key"))
    }

    @Test func `a process that has the vaults open goes on`() throws {
        let directory = try vaults.open()
        let wrapped = try prepare(directory)
        let other = try vaults.open()
        // It has used the first key, and has the root key.
        #expect(try other.unwrap(wrapped[0]) == secret)
        for _ in 0..<2 {
            _ = try directory.acting(as: .owner).rotateRootKey()
            #expect(try other.unwrap(wrapped[0]) == secret)
            #expect(try other.unwrap(wrapped[1]) == secret)
            let anchor = try other.anchor(
                store: #require(store.storeID), scope: Array(0..<16), under: wrapped[0].key)
            #expect(anchor != nil)
        }
        _ = try directory.acting(as: .owner).rotateRootKey()
        // What it makes now is under the new one.
        let made = try other.addKnownKey("made")
        try other.registerAnchor(
            Array(repeating: 9, count: 32), store: #require(store.storeID),
            scope: Array(16..<32), under: made)
        let made2 = try other.acting(as: .owner).rotateKey(vault: "default", name: "made").result
        let fresh = try vaults.open()
        for key in [made, made2.key.kid] {
            #expect(try fresh.unwrap(try other.wrap(secret, key)) == secret)
        }
        #expect(
            try fresh.anchor(
                store: #require(store.storeID), scope: Array(16..<32), under: made)
                == Array(repeating: 9, count: 32))
        try check(wrapped, fresh)
    }

    @Test func `keys that are made meanwhile are not lost`() throws {
        let directory = try vaults.open()
        let wrapped = try prepare(directory)
        let race = Race()
        let makers = try (0..<2).map { index in
            let other = try vaults.open()
            return try NativeThread.start {
                defer { other.close() }
                do throws(VaultError) {
                    while !race.isOver.load(ordering: .relaxed) {
                        _ = try other.addKnownKey("made-\(index)")
                        race.madeCount.wrappingAdd(1, ordering: .relaxed)
                    }
                } catch {
                    Issue.record(error)
                    race.madeCount.wrappingAdd(1000, ordering: .relaxed)
                }
            }
        }
        while race.madeCount.load(ordering: .relaxed) < 60 {
            _ = try directory.acting(as: .owner).rotateRootKey()
        }
        race.isOver.store(true, ordering: .relaxed)
        for maker in makers { maker.join() }
        let fresh = try vaults.open()
        try check(wrapped, fresh)
        for name in ["made-0", "made-1"] {
            let versions = try fresh.acting(as: .owner).keyVersions(vault: "default", name: name)
            #expect(!versions.isEmpty)
            for version in versions {
                #expect(try fresh.unwrap(fresh.wrap(secret, version.kid)) == secret)
            }
        }
    }

    @Test func `a key that does not open stands in its way, before anything is changed`() throws {
        let directory = try vaults.open()
        let wrapped = try prepare(directory)
        let before = try (names(), rootKey)
        try vaults.tamper("default") { connection in
            try connection.execute(
                "UPDATE versions SET salt = zeroblob(32) WHERE version = '\(wrapped[1].key.version ?? "")'"
            )
        }
        #expect(
            refusal { () throws(VaultError) in
                try directory.acting(as: .owner).rotateRootKey()
            } == .damaged)
        #expect(try names() == before.0)
        #expect(try rootKey == before.1)
        #expect(try directory.unwrap(wrapped[0]) == secret)
    }

    @Test func `it is the owner's affair, and there must be vaults in files`() throws {
        let directory = try vaults.open()
        #expect(
            refusal { () throws(VaultError) in try directory.acting(as: .owner).rotateRootKey() }
                == .vaultNotFound)
        _ = try prepare(directory)
        let acting = directory.acting(as: someone)
        #expect(
            refusal { () throws(VaultError) in try acting.rotateRootKey() } == .accessDenied)
        #expect(
            refusal { () throws(VaultError) in
                try acting.sealRootKey(under: passphrase("correct horse"))
            } == .accessDenied)
        let inMemory = try memoryVaults().acting(as: .owner)
        #expect(
            refusal { () throws(VaultError) in try inMemory.rotateRootKey() } == .invalidArgument)
    }

    @Test func `a backup from before needs the old root key`() throws {
        let directory = try vaults.open()
        _ = try prepare(directory)
        let owner = directory.acting(as: .owner)
        let backup = try owner.backupVault("default")
        _ = try owner.rotateRootKey()
        try FileSystem.remove(tree: "\(vaults.path)/default")
        #expect(
            refusal { () throws(VaultError) in
                try vaults.open().acting(as: .owner).restoreVault(from: backup)
            } == .wrongRootKey)
    }

    @Test func `a planted note of a next root key says nothing`() throws {
        let directory = try vaults.open()
        let wrapped = try prepare(directory)
        let mine = try RootKey.random(vaults.library)
        let record = try RootKeyHolder(ephemeral: mine).record(of: mine, from: .file())
        let planted = try NextRootKey(mine, after: mine, record: record)
        for bytes in [planted.encoded, Array(planted.encoded.dropLast())] {
            let path = "\(vaults.path)/root.next"
            try File.createExclusively(path).write(bytes.span)
            let code = refusal { () throws(VaultError) in try vaults.open().unwrap(wrapped[0]) }
            #expect(bytes == planted.encoded ? code == nil : code == .damaged)
            // One that can be read goes with the first who opens the vaults.
            if code == .damaged { FileChange.remove(path) }
            #expect(try !FileSystem.exists(path))
        }
        try check(wrapped, try vaults.open())
    }

    // MARK: Passphrase

    @Test func `a passphrase is set, changed and removed`() throws {
        let directory = try vaults.open()
        let wrapped = try prepare(directory)
        let other = try vaults.open()
        #expect(try other.unwrap(wrapped[0]) == secret)
        let key = try rootKey
        let (first, second) = (passphrase("correct horse"), passphrase("battery staple"))

        try directory.acting(as: .owner).sealRootKey(under: first)
        #expect(try !names().contains("root.key"))
        #expect(
            refusal { () throws(VaultError) in try vaults.open().unwrap(wrapped[0]) }
                == .passphraseRequired)
        #expect(
            refusal { () throws(VaultError) in try vaults.open(second).unwrap(wrapped[0]) }
                == .wrongRootKey)
        try check(wrapped, try vaults.open(first))

        try vaults.open(first).acting(as: .owner).sealRootKey(under: second)
        #expect(
            refusal { () throws(VaultError) in try vaults.open(first).unwrap(wrapped[0]) }
                == .wrongRootKey)
        try check(wrapped, try vaults.open(second))

        try vaults.open(second).acting(as: .owner).sealRootKey(under: .file())
        #expect(try rootKey == key)
        try check(wrapped, try vaults.open())
        // All the while, somebody had them open.
        try check(wrapped, other)
        _ = try other.addKnownKey("made")
        let records = try other.acting(as: .owner).operations(vault: "default").records
        #expect(records.count { $0.operation == "sealRootKey" && $0.outcome == "ok" } == 3)
        #expect(try names().allSatisfy { !$0.hasSuffix(".new") })
    }

    @Test func `what is refused changes nothing`() throws {
        let directory = try vaults.open()
        let wrapped = try prepare(directory)
        let owner = directory.acting(as: .owner)
        let record = try vaults.bytes(ofFile: "\(vaults.path)/root.check")
        let other = try vaults.file("other.key", [UInt8](repeating: 7, count: 32))
        #expect(
            refusal { () throws(VaultError) in
                try owner.sealRootKey(under: passphrase("short"))
            } == .invalidArgument)
        #expect(
            refusal { () throws(VaultError) in try owner.sealRootKey(under: .file(path: other)) }
                == .alreadyExists)
        #expect(try vaults.bytes(ofFile: "\(vaults.path)/root.check") == record)
        try owner.sealRootKey(under: passphrase("correct horse"))
        #expect(
            refusal { () throws(VaultError) in try owner.sealRootKey(under: .file(path: other)) }
                == .alreadyExists)
        #expect(try vaults.bytes(ofFile: other) == [UInt8](repeating: 7, count: 32))
        try check(wrapped, try vaults.open(passphrase("correct horse")))
    }

    @Test func `a key file with another name is not destroyed with the usual one`() throws {
        let directory = try vaults.open()
        _ = try prepare(directory)
        let linked = "\(vaults.parent)/linked.key"
        let key = try rootKey
        try Directory.open(vaults.path).link(
            "root.key", to: "linked.key", in: Directory.open(vaults.parent))
        try directory.acting(as: .owner).sealRootKey(under: passphrase("correct horse"))
        #expect(try vaults.bytes(ofFile: linked) == key)
    }
}

/// What two who make keys and one who changes the root key tell each other.
private final class Race: Sendable {
    let isOver = Atomic(false)
    let madeCount = Atomic(0)
}
