import SluiceAccess
import SluiceNative
import Synchronization
import TestSupport
import Testing

@testable import SluiceVault

/// Vaults whose files are exchanged for others while they are in use: what is read and written in the old ones
/// is nobody's any more.
@Suite struct ReplacedVaultTests {
    let vaults: TemporaryVaults

    init() throws { vaults = try TemporaryVaults() }

    private let reader = Identity(objectID: "reader")

    /// Vaults in use, with a key that the reader may use.
    private func inUse() throws -> (VaultDirectory, KeyIdentifier) {
        let directory = try vaults.open()
        _ = try directory.acting(as: .owner).createVault(name: "default")
        let key = try directory.addKnownKey()
        try permit(directory)
        _ = try directory.authorize(key, for: .unwrapKey, as: reader, deadline: .none)
        return (directory, key)
    }

    private func permit(_ directory: VaultDirectory) throws {
        _ = try directory.acting(as: .owner).setAccessPolicy(
            vault: "default", for: reader, permissions: [.get, .wrapKey, .unwrapKey])
    }

    /// Puts a copy in the place of a file, as a backup that is put back does.
    private func replace(_ name: String) throws {
        let path = "\(vaults.path)/default/\(name)"
        let bytes = try vaults.bytes(ofFile: path)
        try File.createExclusively("\(path).copy").write(bytes.span, at: 0)
        let directory = try Directory.open("\(vaults.path)/default")
        try directory.replace(name, with: "\(name).copy")
    }

    /// As a directory that is put back whole. (The index of the log can't be shared with another database in one
    /// process: SQLite makes it empty, which ends whoever has the old one mapped.)
    private func replaceAll() throws {
        for suffix in ["", "-wal", "-shm"] { try replace("vault.db\(suffix)") }
    }

    private func code(_ directory: VaultDirectory, _ key: KeyIdentifier) -> VaultError.Code? {
        refusal { () throws(VaultError) in
            try directory.authorize(key, for: .unwrapKey, as: reader, deadline: .none)
        }
    }

    @Test(arguments: ["vault.db", "vault.db-wal", "vault.db-shm"])
    func `once the epoch has moved nothing is answered from the old file`(name: String) throws {
        let (directory, key) = try inUse()
        // Asked for before: whoever watches the files may be the first to notice, and then nobody is given it.
        let barrier = try directory.barrier()
        try replace(name)
        _ = try? barrier.change(waiting: .none) {}
        #expect(code(directory, key) == .replaced)
    }

    @Test(arguments: ["vault.db", "vault.db-wal", "vault.db-shm", "lock"])
    func `a change of the old file is refused, and not confirmed`(name: String) throws {
        let (directory, _) = try inUse()
        try replace(name)
        #expect(
            refusal { () throws(VaultError) in
                try directory.acting(as: .owner).deleteAccessPolicy(vault: "default", for: reader)
            } == .replaced)
    }

    // one process            | another
    // -----------------------|--------------------------------
    // has the old one open   |
    //                        | takes access away in the new one: confirmed
    // refused                |
    @Test func `a revocation in the new file reaches who has the old one open`() throws {
        let (directory, key) = try inUse()
        try replaceAll()
        let other = try vaults.open()
        #expect(
            try other.acting(as: .owner).deleteAccessPolicy(vault: "default", for: reader)
                .isConfirmed)
        #expect(code(directory, key) == .replaced)
        #expect(code(other, key) == .accessDenied)
        other.close()
        directory.close()
        #expect(try code(vaults.open(), key) == .accessDenied)
    }

    @Test func `a directory in the place of a vault's is noticed`() throws {
        let (directory, key) = try inUse()
        let home = try Directory.open(vaults.path)
        let barrier = try directory.barrier()
        try home.rename("default", to: "old")
        try FileSystem.makeDirectories("\(vaults.path)/default")
        _ = try? barrier.change(waiting: .none) {}
        #expect(code(directory, key) == .replaced)
    }

    @Test func `no anchor is registered in a file that others don't see`() throws {
        let (directory, key) = try inUse()
        try replace("vault.db")
        let id = [UInt8](repeating: 1, count: 16)
        #expect(
            refusal { () throws(VaultError) in
                try directory.registerAnchor(
                    [UInt8](repeating: 2, count: 32), store: id, scope: id, under: key)
            } == .replaced)
    }

    @Test(arguments: ["vault.db", "vault.db-wal"])
    func `who asks nothing finds out by himself, and his keys go`(name: String) throws {
        let (directory, key) = try inUse()
        let barrier = try directory.barrier()
        try replace(name)
        #expect(eventually { (try? barrier.trustedEpoch()) == nil })
        #expect(code(directory, key) == .replaced)
        #expect(eventually { directory.authorizer.kept(key).isEmpty })
    }

    @Test func `a log that is another's by now is not removed with the old file's use`() throws {
        let (directory, _) = try inUse()
        try replaceAll()
        let other = try vaults.open()
        _ = try other.acting(as: .owner).deleteAccessPolicy(vault: "default", for: reader)
        directory.close()
        #expect(try FileSystem.exists("\(vaults.path)/default/vault.db-wal"))
        let third = try vaults.open()
        #expect(try third.acting(as: .owner).vault("default").properties.accessPolicies.isEmpty)
    }

    @Test func `a vault that was purged and made anew was not exchanged`() throws {
        let (first, second) = (try vaults.open(), try vaults.open())
        _ = try first.acting(as: .owner).createVault(name: "default", isPurgeProtected: false)
        #expect(try second.acting(as: .owner).vault("default").name == "default")
        _ = try first.acting(as: .owner).deleteVault("default")
        _ = try first.acting(as: .owner).purgeVault("default")
        _ = try first.acting(as: .owner).createVault(name: "default")
        #expect(try second.acting(as: .owner).vault("default").name == "default")
        let key = try second.addKnownKey()
        #expect(key.vault == "default")
    }
}
