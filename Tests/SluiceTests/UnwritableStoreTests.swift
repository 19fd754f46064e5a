import Foundation
import Sluice
import SluiceNative
import TestSupport
import Testing

/// A store and vaults that a process can't write to: they can be read, verified and copied, beside who writes to
/// them, too, and a revocation reaches whoever reads.
@Suite(.serialized) struct UnwritableStoreTests {
    private let directory: TemporaryDirectory
    private let home: String

    init() throws {
        // For nobody, as whom the probe runs if this is root.
        directory = try TemporaryDirectory(isForOthers: true)
        home = "\(directory.path)/home"
    }

    private func open() throws -> Store {
        try Store.open(StoreLocation(home: home))
    }

    private func change(_ path: String, mode: Int) throws {
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
    }

    private func fill(_ store: Store) throws {
        let owner = store.vaults.acting(as: .owner)
        _ = try owner.createVault(name: "mine")
        let key = try owner.createKey(vault: "mine", name: "key").key.kid
        _ = try owner.setAccessPolicy(vault: "mine", for: store.identity)
        try store.createScope(.default, key: key.versionless)
        try store.put(Array("first".utf8), as: "text")
        try store.put([UInt8](repeating: 7, count: 300_000), as: "large")
    }

    /// Gives everything to nobody, if this is root, and takes the right to write away.
    private func forbidWriting() throws {
        let isRoot = geteuid() == 0
        let below = try FileManager.default.subpathsOfDirectory(atPath: home)
        for path in [home] + below.map({ "\(home)/\($0)" }) {
            let attributes = try FileManager.default.attributesOfItem(atPath: path)
            let mode = try #require(attributes[.posixPermissions] as? Int)
            if isRoot {
                try FileManager.default.setAttributes(
                    [.ownerAccountID: 65534, .groupOwnerAccountID: 65534], ofItemAtPath: path)
            }
            try change(path, mode: mode & 0o555)
        }
    }

    private func probe(_ arguments: [String]) throws -> CommandResult {
        try CommandRunner(besideTests: "BarrierProbe", workingDirectory: "/").run(arguments)
    }

    private func expectReadable() throws {
        let target = "\(directory.path)/backups"
        try FileManager.default.createDirectory(
            atPath: target, withIntermediateDirectories: false,
            attributes: [.posixPermissions: 0o777])
        try change(target, mode: 0o777)
        let result = try probe(["unwritable", home, "\(target)/backup"])
        #expect(result.exitCode == 0, "\(result.errorText)")
        #expect(
            result.outputText.split(separator: "\n") == [
                "readOnly true", "get first", "large 300000", "list 2", "verify 0", "keyless 0",
                "scopes 1", "backup done", "put readOnly", "large put readOnly", "remove readOnly",
                "pin readOnly", "scope readOnly", "rewrap readOnly", "rotate readOnly",
                "confirm readOnly",
            ])
        // What was copied is a store like any other.
        let copy = "\(directory.path)/copy"
        try Store.restore(
            from: "\(target)/backup", to: StoreLocation(store: copy, vaults: "\(home)/vaults"))
    }

    @Test func `one that was closed can be read, verified and copied`() throws {
        let store = try open()
        try fill(store)
        try store.close()
        try forbidWriting()
        try expectReadable()
    }

    @Test func `one that a process had open that died can be, too`() throws {
        let store = try open()
        try fill(store)
        // As a kill leaves it: with a log, and its index.
        try FileManager.default.copyItem(atPath: home, toPath: "\(home).dead")
        try store.close()
        try FileManager.default.removeItem(atPath: home)
        try FileManager.default.moveItem(atPath: "\(home).dead", toPath: home)
        _ = try ReadBarrier.adopt(directoryPath: "\(home)/vaults")
        try forbidWriting()
        try expectReadable()
    }

    /// Root alone can write where nobody may.
    @Test(.enabled(if: geteuid() == 0))
    func `who reads is told of what another writes, and of a revocation`() throws {
        for isOpenBefore in [false, true] {
            try? FileManager.default.removeItem(atPath: home)
            var store = try open()
            try fill(store)
            if !isOpenBefore { try store.close() }
            try forbidWriting()
            let reader = try CommandRunner(besideTests: "BarrierProbe", workingDirectory: "/")
                .start(["follow", home], input: [])
            #expect(try eventually { try reader.outputText.contains("first\n") })
            if !isOpenBefore { store = try open() }
            try store.put(Array("second".utf8), as: "text")
            #expect(try eventually { try reader.outputText.contains("second\n") })
            let change = try store.vaults.acting(as: .owner).setIdentity(
                store.identity, isEnabled: false)
            #expect(change.isConfirmed)
            let result = try reader.wait()
            #expect(result.outputText == "first\nsecond\naccessDenied\n", "\(result.errorText)")
            try store.close()
        }
    }
}
