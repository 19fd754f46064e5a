import Foundation
import Sluice
import SluiceAccess
import SluiceNative
import SluiceVault
import TestSupport
import Testing

@testable import SluiceEngine

/// What a verification says of what it can't verify, and that it goes on.
@Suite struct StoreVerifyTests {
    private let bytes = patternedBytes(90_000)

    /// A home whose scope `default` is under a customer's key; its scope `other`, under the platform's.
    private func makeHome(
        _ body: (TestHome, Store, Customer) throws -> Void
    ) throws {
        let home = try TestHome()
        try home.withStore(.fast(workerCount: 1)) { store throws in
            let customer = try Customer(store)
            try store.createScope("other")
            try body(home, store, customer)
        }
    }

    /// Flips a bit of an object's blob.
    private func damage(
        _ name: ObjectName, in scope: ScopeName = .default, _ home: TestHome, _ store: Store
    ) throws {
        let path = TestHome.blobPath(try store.info(name, in: scope).id)
        var sealed = try home.directory.read(path)
        sealed[5000] ^= 1
        try Data(sealed).write(to: URL(fileURLWithPath: home.directory.path(path)))
    }

    // MARK: What is refused

    @Test(arguments: RevocationKind.allCases)
    func `a scope whose key is refused is told, and the others are verified`(
        kind: RevocationKind
    ) throws {
        try makeHome { home, store, customer in
            try store.put(bytes, as: "secret", options: .with())
            try store.put(bytes, as: "whole", in: "other", options: .with())
            try store.put(bytes, as: "broken", in: "other", options: .with())
            try damage("broken", in: "other", home, store)
            try damage("secret", home, store)
            try kind.revoke(customer)
            var expected = ["scope default"]
            // The platform's key is used by the same identity, and stays with it.
            let report = try store.verify()
            #expect(report.unverified.map(\.subject) == expected)
            #expect(report.unverified.first?.refusal?.code == .accessDenied)
            #expect(report.unverified.first?.refusal?.vaultCode == kind.cause)
            #expect(report.damage.map(\.subject) == ["broken"])
            #expect(report.findings.count == 2)
            #expect(report.objectCount == 2)
            #expect(report.byteCount == bytes.count)
            let one = try store.verify(["secret", "none"])
            #expect(one.findings == report.unverified)
            #expect(one.objectCount == 0)
            try kind.restore(customer)
            expected = ["broken", "secret"]
            #expect(try store.verify().findings.map(\.subject).sorted() == expected)
            #expect(try store.verify().unverified == [])
        }
    }

    @Test func `what is under a disabled older version is told by name, and the rest is verified`()
        throws
    {
        try makeHome { home, store, customer in
            for name in ["old", "older"] as [ObjectName] {
                try store.put(bytes, as: name, options: .with())
            }
            try customer.rotate()
            try store.put(bytes, as: "new", options: .with())
            try customer.disable(customer.first)
            for report in [try store.verify(), try store.verify(["new", "old", "older"])] {
                #expect(report.damage == [])
                #expect(report.unverified.map(\.subject).sorted() == ["old", "older"])
                #expect(report.unverified.allSatisfy { $0.refusal?.vaultCode == .keyDisabled })
                #expect(report.byteCount == bytes.count)
            }
            try customer.enable(customer.first)
            #expect(try store.verify().findings == [])
        }
    }

    @Test func `names that aren't there are told, and the others are verified`() throws {
        try makeHome { home, store, _ in
            try store.put(bytes, as: "a", options: .with())
            try store.put(bytes, as: "b", options: .with())
            try damage("b", home, store)
            let report = try store.verify(["none", "a", "nothing", "b"])
            #expect(report.findings.map(\.subject) == ["none", "nothing", "b"])
            #expect(report.unverified.map(\.refusal?.code) == [.notFound, .notFound])
            #expect(report.damage.map(\.subject) == ["b"])
            #expect(report.objectCount == 2)
            #expect(failure { try store.verify(["a"], in: "nowhere") } == .notFound)
            #expect(failure { try store.verify(in: "nowhere") } == .notFound)
        }
    }

    @Test func `pins whose key is refused are told once`() throws {
        try makeHome { _, store, _ in
            try store.put(bytes, as: "a", options: .with())
            for _ in 0..<3 { try store.pin("a") }
            let key = try store.scope("other").currentKey
            _ = try store.vaults.acting(as: .owner).updateKey(
                key, KeyChanges(isEnabled: false), waiting: .seconds(60))
            let report = try store.verify()
            #expect(report.damage == [])
            let subjects = report.unverified.map(\.subject).sorted()
            #expect(subjects == ["scope other", "scope sluice-pins"])
            #expect(report.byteCount == bytes.count)
        }
    }

    // MARK: The read barrier

    /// Verifies, and revokes when so many bytes are done.
    private func verify(
        _ store: Store, _ names: [ObjectName]? = nil, revoking customer: Customer,
        afterByteCount byteCount: Int
    ) throws -> VerifyReport {
        let isRevoked = Box(false)
        let report = try store.verify(names, in: names == nil ? nil : .default) { done, _ in
            guard done > byteCount, !isRevoked.value else { return }
            isRevoked.update { $0 = true }
            try? RevocationKind.policyRemoved.revoke(customer)
        }
        #expect(isRevoked.value)
        return report
    }

    @Test func `of a scope whose key is taken away meanwhile, no name is told`() throws {
        // While the scope itself is being verified, and while one after it is.
        for isLater in [false, true] {
            try makeHome { home, store, customer in
                for name in ["secret 1", "secret 2", "secret 3"] as [ObjectName] {
                    try store.put(bytes, as: name, options: .with())
                }
                try store.put(bytes, as: "whole", in: "other", options: .with())
                try store.put(bytes, as: "broken", in: "other", options: .with())
                try damage("secret 1", home, store)
                try damage("broken", in: "other", home, store)
                let byteCount = isLater ? 2 * bytes.count + 20_000 : 20_000
                let report = try verify(store, revoking: customer, afterByteCount: byteCount)
                #expect(!"\(report)".contains("secret"), "\(report)")
                #expect(report.unverified.map(\.subject) == ["scope default"])
                #expect(report.unverified.first?.refusal?.code == .accessDenied)
                #expect(report.damage.map(\.subject) == ["broken"])
                #expect(report.objectCount == 2)
                #expect(report.byteCount == bytes.count)
            }
        }
    }

    @Test func `a scope that is refused meanwhile isn't gone through to its end`() throws {
        try makeHome { _, store, customer in
            for index in 0..<40 {
                try store.put(bytes, as: ObjectName("\(index)"), options: .with())
            }
            store.forgetObjectKeys()
            let before = Self.unwrapCount(store)
            let report = try verify(store, revoking: customer, afterByteCount: 0)
            #expect(report.unverified.map(\.subject) == ["scope default"])
            // Of the first object or two; and what is kept asks whether it may be, whenever that is.
            #expect(Self.unwrapCount(store) - before < 20)
        }
    }

    private static func unwrapCount(_ store: Store) -> Int {
        store.vaults.operationCounts.filter { $0.operation == "unwrapKey" }
            .reduce(0) { $0 + $1.count }
    }

    // MARK: Repair

    @Test func `a repair leaves what is refused where it is, damaged or not`() throws {
        let home = try TestHome()
        let kept = try home.withStore { store throws -> [String] in
            let customer = try Customer(store)
            for name in ["old", "old broken"] as [ObjectName] {
                try store.put(bytes, as: name, options: .with())
            }
            try damage("old broken", home, store)
            try customer.rotate()
            try store.put(bytes, as: "new", options: .with())
            try customer.disable(customer.first)
            return home.files("blobs")
        }
        let report = try Store.repair(home.location, options: .fast())
        #expect(report.findings.map(\.outcome) == [.left, .left])
        #expect(report.findings.map(\.subject).sorted() == ["old", "old broken"])
        #expect(home.files("blobs") == kept)
        #expect(report.lostAndFoundPath == nil && report.lostAndFound == nil)
        try home.withStore { store throws in
            _ = try store.vaults.acting(as: .owner).setIdentity(store.identity, isEnabled: false)
        }
        let second = try Store.repair(home.location, options: .fast())
        #expect(second.findings.map(\.subject) == ["scope default"])
        #expect(second.findings.map(\.outcome) == [.left])
        #expect(home.files("blobs") == kept)
        try home.withStore { store throws in
            _ = try store.vaults.acting(as: .owner).setIdentity(store.identity, isEnabled: true)
            let first = try #require(
                try store.scope(.default).census.first { $0.objectCount == 2 }?.key)
            _ = try store.vaults.acting(as: .owner).updateKey(first, KeyChanges(isEnabled: true))
            #expect(try store.verify().findings.map(\.subject) == ["old broken"])
        }
        let third = try Store.repair(home.location, options: .fast())
        #expect(third.findings.map(\.subject) == ["old broken"])
        #expect(third.findings.map(\.outcome) == [.moved])
    }

    @Test func `a repair names objects only while their scope's key may be used`() throws {
        try makeHome { home, store, customer in
            try store.put(bytes, as: "dir/secret", options: .with())
            try store.put(bytes, as: "dir/shown", options: .with())
            try damage("dir/secret", home, store)
            try home.sql("DELETE FROM directories")
            let files = try #require(store.context.files)
            var lost = LostAndFound(files)
            var report = RepairReport()
            let scopes = try store.repairer.repairContent(&lost, &report)
            #expect(Set(report.findings.map(\.outcome)) == [.moved, .mended])
            try RevocationKind.identityOff.revoke(customer)
            let before = report
            try store.repairer.tellNames(scopes, &report)
            #expect(report == before)
            #expect(!"\(report)".contains("secret") && !"\(report)".contains("shown"))
            try RevocationKind.identityOff.restore(customer)
            try store.repairer.tellNames(scopes, &report)
            #expect(Set(report.findings.map(\.subject)) == ["dir/secret", "dir/shown"])
            #expect(report.findings.map(\.outcome) == before.findings.map(\.outcome))
        }
    }

    @Test func `lost+found never has a name, whatever is wrong`() throws {
        let home = try TestHome()
        try home.withStore { store throws in
            try store.put(bytes, as: "dir/secret", options: .with())
            try store.put(bytes, as: "dir/private", options: .with())
        }
        // What unwraps to nothing, and what unwraps to another object's key.
        try home.sql(
            """
            UPDATE wrapped_keys SET wrapped = (SELECT wrapped FROM wrapped_keys ORDER BY id DESC)
            WHERE id = (SELECT min(id) FROM wrapped_keys)
            """)
        try home.sql(
            """
            UPDATE wrapped_keys SET wrapped = zeroblob(256)
            WHERE id = (SELECT max(id) FROM wrapped_keys)
            """)
        let report = try Store.repair(home.location, options: .fast())
        #expect(report.findings.map(\.subject).sorted() == ["dir/private", "dir/secret"])
        #expect(report.findings.map(\.outcome) == [.moved, .moved])
        let path = try #require(report.lostAndFoundPath)
        for name in try FileManager.default.contentsOfDirectory(atPath: path) {
            let kept = try Data(contentsOf: URL(fileURLWithPath: "\(path)/\(name)"))
            for word in ["secret", "private"] {
                #expect(kept.range(of: Data(word.utf8)) == nil, "\(name) has '\(word)'")
            }
        }
    }

    @Test func `what repairs took out is told until it is removed, and is no damage`() throws {
        let home = try TestHome()
        let summaries = {
            try home.withStore { store throws in
                let all = try store.verify()
                #expect(all.findings == [])
                return [
                    all.lostAndFound, try store.verifyWithoutKeys().lostAndFound,
                    try store.status().lostAndFound,
                ]
            }
        }
        for round in 1...2 {
            try home.withStore { store throws in
                try store.put(bytes, as: "broken", options: .with())
                try damage("broken", home, store)
            }
            let path = try #require(
                try Store.repair(home.location, options: .fast()).lostAndFoundPath)
            for summary in try summaries() {
                #expect(summary?.path == "\(home.store)/lost+found")
                // Its row and its blob.
                #expect(summary?.fileCount == 2 * round)
                #expect(summary?.reportPaths.count == round)
                #expect(summary?.reportPaths.last == "\(path)/report.txt")
            }
        }
        let again = try Store.repair(home.location, options: .fast())
        #expect(again.findings == [])
        #expect(again.lostAndFound?.fileCount == 4)
        try FileSystem.remove(tree: "\(home.store)/lost+found")
        #expect(try summaries() == [nil, nil, nil])
        #expect(try Store.inMemory().status().lostAndFound == nil)
    }
}
