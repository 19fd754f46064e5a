import Foundation
import Sluice
import SluiceAccess
import SluiceFormat
import SluiceNative
import TestSupport
import Testing

@testable import SluiceEngine

@Suite struct GroupCommitTests {
    @Test func `nobody commits for others for ever`() throws {
        let home = try TestHome()
        try home.withStore { store throws in
            let isHome = Box(false)
            let otherCount = Box(0)
            // Each begins when the one before it has, comes again after its batch has been followed by
            // the next, and before that ends: so somebody always waits.
            let begun = (0..<3).map { _ in DispatchSemaphore(value: 0) }
            try together(3) { thread in
                if thread > 0 { begun[thread - 1].wait() }
                repeat {
                    try store.sqliteCatalog.write { _ in
                        begun[thread].signal()
                        Thread.sleep(forTimeInterval: 0.02)
                    }
                    Thread.sleep(forTimeInterval: 0.005)
                    otherCount.update { $0 += 1 }
                } while thread > 0 && !isHome.value && otherCount.value < 60
                isHome.update { $0 = true }
            }
            #expect(otherCount.value < 30)
        }
    }

    @Test(.enabled(if: Processor.count > 1))
    func `as many callers prepare as there are processors, also after a rush`() throws {
        let home = try TestHome()
        try home.withStore { store throws in
            for _ in 0..<10 {
                try together(32) { thread in
                    for index in 0..<10 {
                        try store.put([1], as: ObjectName("\(thread)/\(index)"), options: .with())
                    }
                }
                // Each waits until the other has begun.
                let begunCount = Box(0)
                try together(2) { _ in
                    _ = try store.sqliteCatalog.commits.commit(preparing: { () throws(StoreError) in
                        begunCount.update { $0 += 1 }
                        let limit = ContinuousClock.now + .seconds(5)
                        while begunCount.value < 2 {
                            guard ContinuousClock.now < limit else {
                                throw StoreError(.busy, "nobody else prepares")
                            }
                        }
                        return CatalogChange(works: [{ _ in }])
                    })
                }
            }
        }
    }

    @Test func `a batch that fails as a whole is committed one by one`() throws {
        let home = try TestHome()
        try home.withStore { store throws in
            // All wait behind the first, and so are one batch.
            let outcomes = Box([Bool?](repeating: nil, count: 8))
            try together(9) { thread in
                if thread == 8 {
                    try store.sqliteCatalog.write { _ in Thread.sleep(forTimeInterval: 0.2) }
                    return
                }
                Thread.sleep(forTimeInterval: 0.1)
                let failure = failure {
                    try store.sqliteCatalog.write { (writer) throws(StoreError) in
                        writer.hasWritten = true
                        if thread % 4 == 3 { throw StoreError(.conditionNotMet, "not this one") }
                    }
                }
                outcomes.update { $0[thread] = failure == nil }
            }
            #expect(outcomes.value == [true, true, true, false, true, true, true, false])
        }
    }
    // MARK: The permit

    /// A permit that refuses some needs, or everything for no need's sake; notes what it was asked for.
    private final class Refusing: CommitPermit {
        private let refused: Set<KeyUse>
        private let isClosed: Bool
        let releases = Box([Set<KeyUse>]())

        init(_ refused: Set<KeyUse>, isClosed: Bool = false) {
            self.refused = refused
            self.isClosed = isClosed
        }

        func release<Value, Failure: Error>(
            under needs: Set<KeyUse>, _ commit: () throws(Failure) -> Value
        ) throws(GateError<Failure>) -> Value {
            releases.update { $0.append(needs) }
            guard !isClosed, needs.isDisjoint(with: refused) else {
                throw .refused(VaultError(.accessDenied, "not this one"))
            }
            do { return try commit() } catch { throw .act(error) }
        }

        func refusal(of need: KeyUse) -> VaultError? {
            refused.contains(need) ? VaultError(.accessDenied, "not this one") : nil
        }
    }

    private static func need(_ number: Int) throws -> KeyUse {
        KeyUse(
            key: try KeyIdentifier(vault: "mine", name: "key\(number)"), operation: .wrapKey,
            identity: .owner)
    }

    private static func catalog(_ permit: Refusing) throws -> SQLiteCatalog {
        let library = try CryptoLibrary.load(requireFIPS: false)
        let storeID = try library.identifier()
        return try SQLiteCatalog(
            path: "file:/\(String(hexadecimal: storeID))?vfs=memdb", in: nil,
            lock: StoreLock(file: nil, refusing: nil), reserve: nil, durability: .none,
            creating: StoreRow(storeID: storeID, formatVersion: 1), permit: permit,
            checkpointFrameCount: 2000)
    }

    /// Removes no directory, for which it needs a key: a caller's write.
    private static func write(_ catalog: SQLiteCatalog, needing need: KeyUse) throws {
        try catalog.write { writer throws(StoreError) in
            writer.need(need)
            try writer.addDirectories([directory(of: need)], scope: 1)
        }
    }

    private static func directory(of need: KeyUse) -> DirectoryRow {
        let tag =
            Array(need.key.name.utf8) + [UInt8](repeating: 0, count: 16 - need.key.name.utf8.count)
        return DirectoryRow(
            tag: tag, parent: tag, revision: [UInt8](repeating: 0, count: 32), document: [])
    }

    @Test func `a refused permit leaves out whose need is refused, and the rest goes together`()
        throws
    {
        let needs = try (0..<8).map(Self.need)
        let permit = Refusing([needs[2], needs[5]])
        let catalog = try Self.catalog(permit)
        defer { catalog.close() }
        let codes = Box([StoreError.Code?](repeating: nil, count: 8))
        try together(9) { thread in
            guard thread < 8 else {
                // All wait behind this one, and so are one batch.
                try catalog.write { _ in Thread.sleep(forTimeInterval: 0.2) }
                return
            }
            Thread.sleep(forTimeInterval: 0.1)
            let code = failure { try Self.write(catalog, needing: needs[thread]) }
            codes.update { $0[thread] = code }
        }
        let isRefused = [2, 5]
        #expect(codes.value == (0..<8).map { isRefused.contains($0) ? .accessDenied : nil })
        #expect(permit.releases.value.map(\.count) == [0, 8, 6])
        #expect(permit.releases.value.last == Set(needs).subtracting([needs[2], needs[5]]))
        for (place, need) in needs.enumerated() {
            let row = try catalog.directory(scope: 1, tag: Self.directory(of: need).tag)
            #expect((row == nil) == isRefused.contains(place))
        }
    }

    @Test func `of one caller's works, those of which a need is refused are refused`() throws {
        let needs = try (0..<3).map(Self.need)
        let permit = Refusing([needs[1]])
        let catalog = try Self.catalog(permit)
        defer { catalog.close() }
        func work(_ need: KeyUse) -> CatalogWork {
            { writer throws(StoreError) in
                writer.need(need)
                try writer.addDirectories([Self.directory(of: need)], scope: 1)
            }
        }
        let refusals = try catalog.commits.commit(CatalogChange(works: needs.map(work)))
        #expect(refusals.map(\.?.code) == [nil, .accessDenied, nil])
        let alone = try catalog.commits.commit(CatalogChange(works: [work(needs[1])]))
        #expect(alone.map(\.?.code) == [.accessDenied])
        #expect(permit.releases.value.map(\.count) == [3, 2, 1])
        #expect(try catalog.rowIDs(of: .directories).count == 2)
    }

    @Test func `a permit that is refused for no need in particular is refused to each alone`()
        throws
    {
        let permit = Refusing([], isClosed: true)
        let catalog = try Self.catalog(permit)
        defer { catalog.close() }
        let refusals = Box(0)
        try together(4) { thread in
            let code = failure { try Self.write(catalog, needing: Self.need(thread)) }
            if code == .accessDenied { refusals.update { $0 += 1 } }
        }
        #expect(refusals.value == 4)
        #expect(try catalog.rowIDs(of: .directories).isEmpty)
    }
}
