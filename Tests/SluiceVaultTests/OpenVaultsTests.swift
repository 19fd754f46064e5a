import SluiceAccess
import SluiceNative
import TestSupport
import Testing

@testable import SluiceVault

/// Which vaults stay open where there are many.
@Suite struct OpenVaultsTests {
    let files: TemporaryVaults
    let directory: VaultDirectory

    private static let limit = 4
    private static let names = (0..<12).map { "vault\($0)" }

    init() throws {
        files = try TemporaryVaults()
        directory = try VaultDirectory.open(
            path: files.path, clock: files.clock, library: files.library, barrierHook: nil,
            openVaultLimit: Self.limit)
    }

    /// Makes as many vaults as three times those that stay open, with a key each, and something wrapped.
    private func makeVaults() throws -> [WrappedKey] {
        try Self.names.map { name in
            _ = try directory.acting(as: .owner).createVault(name: name)
            return try directory.wrap(secret, try directory.addKnownKey(vault: name))
        }
    }

    private func vault(_ name: String) throws -> Vault {
        try directory.openVaults.vault(named: name)
    }

    /// The files below the vaults' directory that this process has open.
    private func openFileCount() throws -> Int {
        let home = try FileSystem.realPath(files.path)
        let names = try Directory.open("/proc/self/fd").names().compactMap(\.string)
        let paths = names.compactMap { try? FileSystem.realPath("/proc/self/fd/\($0)") }
        return paths.filter { $0.hasPrefix(home + "/vault") }.count
    }

    @Test func `a bounded number stays open, and every key goes on working`() throws {
        let wrapped = try makeVaults()
        for _ in 0..<2 {
            for wrapped in wrapped {
                #expect(try directory.unwrap(wrapped) == secret)
                #expect(directory.openVaults.openCount <= Self.limit)
                #expect(try openFileCount() <= Self.limit * 12)
            }
        }
        #expect(
            Self.names.count { directory.authorizer.keepsKeys(ofVault: $0) } <= Self.limit)
    }

    @Test func `the log of a vault that was closed to make room has all that was done`() throws {
        let wrapped = try makeVaults()
        for _ in 0..<3 {
            for wrapped in wrapped { _ = try directory.unwrap(wrapped) }
        }
        for name in Self.names {
            let records = try directory.acting(as: .owner).operations(vault: name).records
            #expect(
                records.map(\.operation)
                    == ["import", "wrapKey", "unwrapKey", "unwrapKey", "unwrapKey"])
        }
    }

    @Test func `a vault that somebody holds isn't closed`() throws {
        let wrapped = try makeVaults()
        let held = try vault("vault0")
        for wrapped in wrapped { _ = try directory.unwrap(wrapped) }
        #expect(try vault("vault0") === held)
        #expect(directory.openVaults.openCount <= Self.limit)
    }

    @Test func `more are open than should be as long as all are held`() throws {
        _ = try makeVaults()
        let held = try Self.names.map(vault)
        #expect(directory.openVaults.openCount == held.count)
        for (name, vault) in zip(Self.names, held) { #expect(try self.vault(name) === vault) }
    }

    @Test func `a vault whose keys are in use stays open though it isn't asked`() throws {
        let wrapped = try makeVaults()
        let first = try #require(wrapped.first)
        for wrapped in wrapped.dropFirst() {
            _ = try directory.unwrap(wrapped)
            _ = try directory.unwrap(first)
        }
        #expect(directory.authorizer.keepsKeys(ofVault: "vault0"))
        #expect(!directory.authorizer.keepsKeys(ofVault: "vault1"))
    }

    @Test func `to make vaults asks the others once`() throws {
        let wrapped = try makeVaults()
        _ = try directory.acting(as: .owner).createVault(name: "more")
        _ = try directory.unwrap(#require(wrapped.first))
        for number in 0..<Self.limit {
            _ = try directory.acting(as: .owner).createVault(name: "more\(number)")
        }
        #expect(directory.authorizer.keepsKeys(ofVault: "vault0"))
    }

    @Test func `a vault that is due is removed by who makes one, in whichever epoch`() throws {
        let owner = directory.acting(as: .owner)
        _ = try owner.createVault(name: "old", retentionDays: 7)
        _ = try owner.createVault(name: "other")
        _ = try owner.deleteVault("old")
        _ = try owner.createVault(name: "third")
        files.clock.advance(bySeconds: days(7))
        _ = try owner.createVault(name: "old")
        #expect(try owner.vaults().map(\.name) == ["old", "other", "third"])
    }

    // MARK: Files that are exchanged

    /// Puts a copy in the place of the database of a vault.
    private func replaceDatabase(_ name: String) throws {
        let path = "\(files.path)/\(name)/vault.db"
        let bytes = try files.bytes(ofFile: path)
        try File.createExclusively("\(path).copy").write(bytes.span, at: 0)
        try Directory.open("\(files.path)/\(name)").replace("vault.db", with: "vault.db.copy")
    }

    private func code(_ wrapped: WrappedKey?) throws -> VaultError.Code? {
        let wrapped = try #require(wrapped)
        return refusal { () throws(VaultError) in try directory.unwrap(wrapped) }
    }

    @Test func `a database that was exchanged while its vault was closed is refused`() throws {
        let wrapped = try makeVaults()
        for wrapped in wrapped { _ = try directory.unwrap(wrapped) }
        #expect(!directory.authorizer.keepsKeys(ofVault: "vault0"))
        try replaceDatabase("vault0")
        #expect(try code(wrapped.first) == .replaced)
    }

    @Test func `who holds grants of a vault that was closed finds out by himself`() throws {
        let wrapped = try makeVaults()
        for wrapped in wrapped { _ = try directory.unwrap(wrapped) }
        let barrier = try directory.barrier()
        try replaceDatabase("vault0")
        #expect(eventually { (try? barrier.trustedEpoch()) == nil })
        #expect(try code(wrapped.last) == .replaced)
    }

    @Test func `a vault that was purged and made anew while it was closed was not exchanged`()
        throws
    {
        let other = try files.open()
        _ = try directory.acting(as: .owner).createVault(name: "gone", isPurgeProtected: false)
        _ = try directory.wrap(secret, try directory.addKnownKey(vault: "gone"))
        _ = try makeVaults()
        _ = try other.acting(as: .owner).deleteVault("gone")
        _ = try other.acting(as: .owner).purgeVault("gone")
        _ = try other.acting(as: .owner).createVault(name: "gone")
        let key = try directory.addKnownKey(vault: "gone")
        #expect(try directory.unwrap(try directory.wrap(secret, key)) == secret)
    }
}
