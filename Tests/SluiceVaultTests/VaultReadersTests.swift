import Dispatch
import SluiceAccess
import SluiceNative
import Synchronization
import TestSupport
import Testing

@testable import SluiceVault

/// Reads of a vault's tables beside a change of them, which may wait for the disk.
@Suite struct VaultReadersTests {
    let files: TemporaryVaults
    let directory: VaultDirectory
    let vault: Vault

    init() throws {
        files = try TemporaryVaults()
        directory = try files.open()
        _ = try directory.acting(as: .owner).createVault(name: "default")
        vault = try directory.openVaults.vault(named: "default")
    }

    private static func policyCount(_ vault: Vault) throws(VaultError) -> Int {
        try vault.read { tables throws(DatabaseError) in try tables.policies().count }
    }

    /// Starts reading in another thread; gives the outcome once it is there.
    private func reading() -> (group: DispatchGroup, outcome: Outcome) {
        let (group, outcome) = (DispatchGroup(), Outcome())
        DispatchQueue.global().async(group: group) { [vault] in
            do throws(VaultError) {
                let count = try Self.policyCount(vault)
                outcome.value.withLock { $0 = .success(count) }
            } catch {
                outcome.value.withLock { $0 = .failure(error) }
            }
        }
        return (group, outcome)
    }

    private final class Outcome: Sendable {
        let value = Mutex<Result<Int, VaultError>?>(nil)
        var count: Int? { value.withLock { try? $0?.get() } }
        var code: VaultError.Code? {
            value.withLock { if case .failure(let error) = $0 { error.code } else { nil } }
        }
    }

    @Test func `who reads doesn't wait for a change, and doesn't see it before it is committed`()
        throws
    {
        try vault.write { tables throws(DatabaseError) in
            try tables.set([.get], for: someone)
            for _ in 0..<8 {
                let (group, outcome) = reading()
                #expect(group.wait(timeout: .now() + 20) == .success)
                #expect(outcome.count == 0)
            }
        }
        #expect(try Self.policyCount(vault) == 1)
    }

    @Test func `more threads than there are connections all read during a change`() throws {
        try vault.write { tables throws(DatabaseError) in
            try tables.set([.get], for: someone)
            let all = (0..<12).map { _ in reading() }
            for (group, outcome) in all {
                #expect(group.wait(timeout: .now() + 20) == .success)
                #expect(outcome.count == 0)
            }
        }
    }

    // a writer              | readers
    // ----------------------|--------------------------------
    // COMMIT returns        |
    // writes down the count |
    //                       | see that count, or a greater one
    @Test func `what was committed is seen by every connection at once`() throws {
        let committed = Atomic(0)
        let isDone = Atomic(false)
        let staleCount = Atomic(0)
        let group = DispatchGroup()
        for _ in 0..<4 {
            DispatchQueue.global().async(group: group) { [vault] in
                while !isDone.load(ordering: .sequentiallyConsistent) {
                    let before = committed.load(ordering: .sequentiallyConsistent)
                    let count = (try? Self.policyCount(vault)) ?? -1
                    if count < before { staleCount.wrappingAdd(1, ordering: .relaxed) }
                }
            }
        }
        for number in 1...40 {
            try vault.write { tables throws(DatabaseError) in
                try tables.set([.get], for: Identity(objectID: "id-\(number)"))
            }
            committed.store(number, ordering: .sequentiallyConsistent)
        }
        isDone.store(true, ordering: .sequentiallyConsistent)
        group.wait()
        #expect(staleCount.load(ordering: .relaxed) == 0)
    }

    /// Puts a copy in the place of the database.
    private func replaceDatabase() throws {
        let path = "\(files.path)/default/vault.db"
        let bytes = try files.bytes(ofFile: path)
        try File.createExclusively("\(path).copy").write(bytes.span, at: 0)
        try Directory.open("\(files.path)/default").replace("vault.db", with: "vault.db.copy")
    }

    @Test(arguments: [false, true])
    func `no reader answers from another file than the one that changes go to`(
        isConnected: Bool
    ) throws {
        var pending: (group: DispatchGroup, outcome: Outcome)?
        let code = refusal { () throws(VaultError) in
            try vault.write { tables throws(DatabaseError) in
                if isConnected { reading().group.wait() }
                do { try replaceDatabase() } catch { Issue.record(error) }
                pending = reading()
                _ = pending?.group.wait(timeout: .now() + 0.2)
                #expect(pending?.outcome.count == nil)
            }
        }
        #expect(code == .replaced)
        pending?.group.wait()
        #expect(pending?.outcome.code == .replaced)
    }

    @Test func `a vault has three connections at most, and closes them all`() throws {
        let database = try FileSystem.realPath("\(files.path)/default") + "/vault.db"
        func openCount() throws -> Int {
            let names = try Directory.open("/proc/self/fd").names().compactMap(\.string)
            return names.filter { name in
                (try? FileSystem.realPath("/proc/self/fd/\(name)")) == database
            }.count
        }
        #expect(try openCount() == 1)
        try vault.write { _ throws(DatabaseError) in
            for (group, _) in (0..<12).map({ _ in reading() }) { group.wait() }
        }
        #expect((2...3).contains(try openCount()))
        directory.close()
        #expect(try openCount() == 0)
    }
}
