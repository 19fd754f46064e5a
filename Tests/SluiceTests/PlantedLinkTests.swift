import Foundation
import Sluice
import SluiceNative
import TestSupport
import Testing

@testable import SluiceEngine

/// Symbolic links in the way of what is written.
@Suite struct PlantedLinkTests {
    private static let large = patternedBytes(100_000)

    private static let template = Result {
        let home = try TestHome()
        try home.withStore { store throws in
            try store.put(large, as: "large", options: .with())
            try store.put([1, 2, 3], as: "dir/small")
        }
        return home
    }

    private let home: TestHome
    /// Where a link leads to.
    private let elsewhere: TemporaryDirectory

    init() throws {
        home = try TestHome(copying: Self.template.get())
        elsewhere = try TemporaryDirectory()
    }

    /// Moves what the home has under a name to elsewhere, and leaves a link to it.
    private func replaceByLink(_ name: String) throws {
        let target = elsewhere.path("moved")
        if home.directory.exists(name) {
            try FileManager.default.moveItem(atPath: home.directory.path(name), toPath: target)
        }
        try home.directory.link(name, to: target)
    }

    @Test(arguments: [
        "store/catalog.db", "store/lock", "store/blobs", "store/staging", "vaults/vaults.lock",
        "vaults/barrier", "vaults/barrier.nonce", "vaults/platform", "vaults/platform/lock",
        "vaults/platform/vault.db",
    ])
    func `no link in the place of a store's or vault's file is followed`(name: String) throws {
        try replaceByLink(name)
        let before = elsewhere.files()
        #expect(throws: (any Error).self) {
            try home.withStore { store throws in
                try store.put(Self.large, as: "new", options: .with())
                _ = try store.vaults.acting(as: .owner).createVault(name: "new")
                _ = try store.vaults.acting(as: .owner).setIdentity(store.identity, isEnabled: true)
            }
        }
        #expect(elsewhere.files() == before)
    }

    @Test func `no link in the place of a log, a journal or a blob's directory is followed`() throws
    {
        for name in ["store/catalog.db-wal", "store/catalog.db-shm"] {
            try home.directory.link(name, to: elsewhere.path("journal"))
        }
        #expect(
            failure { try home.withStore { store throws in try store.put([1], as: "x") } } != nil)
        #expect(elsewhere.files() == [])
        for name in ["store/catalog.db-wal", "store/catalog.db-shm"] {
            try FileSystem.remove(tree: home.directory.path(name))
        }
        try home.directory.link(
            "vaults/platform/operations.log.1", to: elsewhere.path("log"))
        try? FileSystem.remove(tree: home.directory.path("vaults/platform/operations.log"))
        try home.directory.link("vaults/platform/operations.log", to: elsewhere.path("log"))
        for shard in 0..<256 {
            let name = String(hexadecimal: [UInt8(shard)])
            try FileSystem.remove(tree: "\(home.store)/blobs/\(name)")
            try home.directory.link("store/blobs/\(name)", to: elsewhere.path)
        }
        #expect(
            failure {
                try home.withStore { store throws in
                    try store.put(Self.large, as: "new", options: .with())
                }
            } != nil)
        #expect(elsewhere.files() == [])
    }

    // MARK: - Paths that somebody else bends

    /// A directory that all may write in, where somebody else has made a link.
    private func shared(linkTo target: String) throws -> TemporaryDirectory {
        let shared = try TemporaryDirectory()
        try shared.link("link", to: target)
        let process = try Process.run(
            URL(fileURLWithPath: "/bin/chown"), arguments: ["-h", "65534", shared.path("link")])
        process.waitUntilExit()
        return shared
    }

    @Test(.enabled(if: getuid() == 0, "giving a link to somebody else takes root"))
    func `nothing is written through somebody else's link`() throws {
        let shared = try shared(linkTo: elsewhere.path)
        let link = shared.path("link")
        try home.withStore { store throws in
            #expect(failure { try store.get("large", toFileAt: "\(link)/f") } == .cannotCreate)
            #expect(failure { try store.getTree("", into: link) } == .cannotCreate)
            #expect(failure { try store.getTree("", into: "\(link)/new") } == .cannotCreate)
            #expect(failure { try store.backup(to: link) } == .cannotCreate)
            #expect(failure { try store.backup(to: "\(link)/new") } == .cannotCreate)
        }
        for location in [
            StoreLocation(home: link),
            StoreLocation(store: "\(link)/store", vaults: home.location.vaults),
            StoreLocation(store: shared.path("store"), vaults: "\(link)/vaults"),
        ] {
            #expect(
                failure {
                    let store = try Store.open(location, options: .fast())
                    defer { try? store.close() }
                    try store.put([1], as: "x")
                } != nil)
        }
        #expect(
            failure {
                try Store.restore(
                    from: home.store,
                    to: StoreLocation(store: "\(link)/store", vaults: home.location.vaults))
            } == .cannotCreate)
        #expect(try Directory.open(elsewhere.path).names().isEmpty)
    }

    @Test(.enabled(if: getuid() == 0, "giving a link to somebody else takes root"))
    func `somebody else's link to a pipe is not written to`() throws {
        try makePipe(elsewhere.path("pipe"))
        let shared = try shared(linkTo: elsewhere.path("pipe"))
        try home.withStore { store throws in
            #expect(
                failure { try store.get("large", toFileAt: shared.path("link")) } == .cannotCreate)
        }
    }

    @Test(.enabled(if: getuid() == 0, "giving a pipe to somebody else takes root"))
    func `somebody else's pipe or device is not written to`() throws {
        let shared = try TemporaryDirectory()
        try makePipe(shared.path("pipe"))
        let script = "mknod null c 1 3; chown 65534 pipe null"
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        process.arguments = ["-c", script]
        process.currentDirectoryURL = URL(fileURLWithPath: shared.path)
        try process.run()
        process.waitUntilExit()
        // Somebody reads, so that nobody would have to wait.
        let reader = try File.open(shared.path("pipe"), .readWrite)
        try home.withStore { store throws in
            for name in ["pipe", "null"] {
                let code = failure { try store.get("dir/small", toFileAt: shared.path(name)) }
                #expect(code == .cannotCreate, "\(name)")
            }
        }
        withExtendedLifetime(reader) {}
    }

    @Test func `one's own links on the way are followed`() throws {
        let directory = try TemporaryDirectory()
        try directory.link("link", to: elsewhere.path)
        try home.withStore { store throws in
            try store.get("large", toFileAt: directory.path("link/f"))
            try store.backup(to: directory.path("link/backup"))
        }
        #expect(try elsewhere.read("f") == Self.large)
        let moved = StoreLocation(
            store: directory.path("link/backup"), vaults: home.location.vaults)
        let store = try Store.open(moved, options: .fast())
        #expect(try store.get("large") == Self.large)
        try store.close()
    }
}
