internal import Foundation
internal import Sluice
internal import SluiceAccess
internal import SluiceNative
internal import SluiceVault
internal import Synchronization
internal import TestSupport

/// A store on a disk that is filled before each trial, and what must be in it.
final class FullDiskTrials {
    /// What is done on the disk that is all but full.
    enum Operation: String, CaseIterable {
        case putInline, putLarge, putStream, overwriteInline, overwriteLarge, copy, rename, rewrap
        case rotate, backup, remove, removeByID, pin, scope, revoke, revokeIdentity, open
    }

    private let disk: SmallFileSystem
    private let seed: UInt64
    private let location: StoreLocation
    private var store: Store
    private var vaultKey: KeyIdentifier
    /// Every object that was acknowledged, and its bytes.
    private var expected: [ObjectName: [UInt8]] = [:]
    private var report = TortureReport()
    /// What a failure's line begins with.
    private var place = ""
    private var counter: UInt64
    /// How often to look for what is to go by itself, each 50 ms and more.
    private var patience = 600

    private static let vault = "full"
    private static let key = "key"
    private static let scope = "customer"
    private let scope: ScopeName
    private static let inlineByteCount = 9000
    private static let largeByteCount = 150_000

    init(on disk: SmallFileSystem, seed: UInt64) throws {
        self.disk = disk
        self.seed = seed
        counter = seed &* 1_000_003
        location = StoreLocation(home: "\(disk.path)/home")
        scope = try ScopeName(Self.scope)
        store = try Store.open(location)
        _ = try store.vaults.acting(as: .owner).createVault(name: Self.vault)
        vaultKey = try store.vaults.acting(as: .owner).createKey(vault: Self.vault, name: Self.key)
            .key.kid.versionless
        _ = try store.vaults.acting(as: .owner).setAccessPolicy(
            vault: Self.vault, for: store.identity)
        _ = try store.createScope(scope, key: vaultKey)
        for index in 0..<3 {
            try keep("kept inline \(index)", Self.inlineByteCount)
            try keep("kept/large \(index)", Self.largeByteCount)
        }
    }

    /// Runs `count` trials: each operation at each step of what is left, as far as the count goes, and
    /// over the same range in fewer steps for a small one.
    func run(_ count: Int) throws -> TortureReport {
        let operations = Operation.allCases
        let stepCount = max(1, count / operations.count)
        // A put of a large object takes 37 pages, a backup some 100.
        let range = disk.kind.isOfInodes ? 10 : 120
        for trial in 0..<count {
            let operation = operations[trial % operations.count]
            let step = trial / operations.count
            let left = stepCount >= range ? step % range : step * range / stepCount
            place = "seed \(seed), \(disk.kind.rawValue), \(operation.rawValue) with \(left) left"
            do {
                report.count("trials")
                try run(operation, leaving: left)
            } catch {
                report.fail("\(place): \(error)")
                try disk.empty()
            }
        }
        try check(deeply: true)
        try store.close()
        return report
    }

    // MARK: A trial

    private func run(_ operation: Operation, leaving left: Int) throws {
        let victim: ObjectName = "victim"
        // While there is room: it is there to be removed, and the reserve is taken again by a put.
        try keep("victim", counter % 2 == 0 ? Self.inlineByteCount : Self.largeByteCount)
        let source: ObjectName = "kept inline 0"
        if operation == .rewrap {
            _ = try store.vaults.acting(as: .owner).rotateKey(vault: Self.vault, name: Self.key)
        }
        if operation == .open { try store.close() }
        try expectReserve()
        try disk.fill(leaving: left)

        try perform(operation, source: source, victim: victim)

        // And now not a page is left.
        try disk.fill(leaving: 0)
        try check(deeply: false)
        if expected[victim] != nil {
            try must("remove") {
                try store.remove(victim, in: scope)
                expected[victim] = nil
            }
        }
        try check(deeply: false)
        try disk.empty()
        try check(deeply: true)
    }

    private func perform(_ operation: Operation, source: ObjectName, victim: ObjectName) throws {
        switch operation {
        case .putInline: try attemptPut("new inline", Self.inlineByteCount)
        case .putLarge: try attemptPut("new/large", Self.largeByteCount)
        case .putStream:
            let (name, bytes) = try fresh("new stream", Self.largeByteCount)
            try attempt({ try self.store.put(from: Pieces(bytes), as: name, in: self.scope) }) {
                self.expected[name] = bytes
            }
        case .overwriteInline: try attemptPut("kept inline 1", Self.inlineByteCount)
        case .overwriteLarge: try attemptPut("kept/large 1", Self.largeByteCount)
        case .copy:
            let target: ObjectName = "a copy"
            try attempt({
                try self.store.copy(
                    "kept/large 0", to: target, in: self.scope)
            }) { self.expected[target] = self.expected["kept/large 0"] }
        case .rename:
            let target: ObjectName = "directory/renamed"
            try attempt({ try self.store.rename(victim, to: target, in: self.scope) }) {
                self.expected[target] = self.expected.removeValue(forKey: victim)
            }
        case .rewrap: try attempt({ try self.store.rewrap(in: self.scope) })
        case .rotate:
            try attempt({
                try self.store.vaults.acting(as: .owner).rotateKey(
                    vault: Self.vault, name: Self.key)
            })
            try attemptPut("new inline", Self.inlineByteCount)
        case .backup: try attempt({ try self.store.backup(to: "\(self.disk.path)/backup") })
        case .remove:
            try must("remove") {
                try store.remove(victim, in: scope)
                expected[victim] = nil
            }
        case .removeByID:
            let id = try store.info(victim, in: scope).id
            try must("remove by id") {
                try store.remove(id: id, in: scope)
                expected[victim] = nil
            }
        case .pin:
            var pin: PinInfo?
            try attempt({ pin = try self.store.pin(source, in: self.scope) })
            if let pin { try must("unpin") { try store.unpin(pin.id) } }
        case .scope: try attempt({ try self.store.createScope(ScopeName("scope-\(self.counter)")) })
        case .revoke: try revoke(byPolicy: true)
        case .revokeIdentity: try revoke(byPolicy: false)
        case .open:
            try disk.fill(leaving: 0)
            try must("open") { store = try Store.open(location) }
        }
        try clearBackup()
    }

    /// Access is taken away, which holds, and given back.
    private func revoke(byPolicy: Bool) throws {
        try disk.fill(leaving: 0)
        let vaults = store.vaults
        let identity = store.identity
        try must("revoke") {
            let confirmation =
                byPolicy
                ? try vaults.acting(as: .owner).deleteAccessPolicy(vault: Self.vault, for: identity)
                    .confirmation
                : try vaults.acting(as: .owner).setIdentity(identity, isEnabled: false).confirmation
            guard confirmation.isConfirmed else { throw Wrong("the revocation is not confirmed") }
        }
        let code = code { _ = try store.get("kept inline 0", in: scope) }
        if code != .accessDenied { fail("reads after a revocation: \(code as Any)") }
        try must("give access back") {
            if byPolicy {
                _ = try vaults.acting(as: .owner).setAccessPolicy(vault: Self.vault, for: identity)
            } else {
                _ = try vaults.acting(as: .owner).setIdentity(identity, isEnabled: true)
            }
        }
    }

    // MARK: What must hold

    /// Everything acknowledged is there byte for byte; with room again, the store is clean besides.
    private func check(deeply: Bool) throws {
        for (name, bytes) in expected {
            do {
                if try store.get(name, in: scope) != bytes { fail("other bytes in '\(name)'") }
            } catch {
                fail("can't get '\(name)': \(error)")
            }
        }
        guard deeply else { return }
        var options = ListOptions()
        options.isRecursive = true
        let listed = try store.list(options, in: scope).entries.map(\.name)
        if Set(listed) != Set(expected.keys) { fail("lists \(listed)") }
        for finding in try store.verify().findings {
            fail("verify: \(finding.subject): \(finding.problem)")
        }
        try store.close()
        store = try Store.open(location)
        let large = expected.values.count { $0.count > 65_536 }
        // What is garbage now is unlinked by whoever opens the store, soon after.
        var isClean = false
        for _ in 0..<patience {
            isClean = blobCount("blobs") == large
            if isClean { break }
            Thread.sleep(forTimeInterval: 0.05)
        }
        // Once is enough to wait a minute in vain.
        if !isClean { patience = 10 }
        let left = blobCount("blobs") - large + blobCount("staging")
        if left != 0 { fail("\(left) files are left over") }
    }

    private func blobCount(_ name: String) -> Int {
        let root = "\(location.store)/\(name)"
        let all = FileManager.default.enumerator(atPath: root)?.compactMap { $0 as? String } ?? []
        return all.count { $0.utf8.count >= 32 }
    }

    /// With room on the disk, the last put has made the reserve whole.
    private func expectReserve() throws {
        for index in 1...4 {
            let status = try? FileSystem.status("\(location.store)/reserve-\(index)")
            if status?.allocatedByteCount ?? 0 < 4 << 20 { fail("reserve-\(index) is not there") }
        }
    }

    // MARK: Doing and noting

    /// What may fail for want of room, and then cleanly.
    private func attempt(_ body: () throws -> Any?, then note: () throws -> Void = {}) throws {
        do {
            _ = try body()
            try note()
            report.count("succeeded")
        } catch let error as StoreError where error.code == .noSpace {
            report.count("refused for want of room")
        } catch let error as VaultError where error.code == .noSpace {
            report.count("refused for want of room")
        } catch {
            fail("\((error as? StoreError)?.code as Any): \(error)")
        }
    }

    private func attemptPut(_ text: String, _ byteCount: Int) throws {
        let (name, bytes) = try fresh(text, byteCount)
        try attempt({ try self.store.put(bytes, as: name, in: self.scope) }) {
            self.expected[name] = bytes
        }
    }

    /// What must work though nothing is left.
    private func must(_ what: String, _ body: () throws -> Void) throws {
        do {
            try body()
            report.count("done with nothing left")
        } catch {
            fail("can't \(what): \((error as? StoreError)?.code as Any): \(error)")
        }
    }

    private func keep(_ text: String, _ byteCount: Int) throws {
        let (name, bytes) = try fresh(text, byteCount)
        _ = try store.put(bytes, as: name, in: scope)
        expected[name] = bytes
    }

    private func fresh(_ text: String, _ byteCount: Int) throws -> (ObjectName, [UInt8]) {
        counter += 1
        return (try ObjectName(text), patternedBytes(byteCount, seed: counter))
    }

    private func clearBackup() throws {
        let path = "\(disk.path)/backup"
        guard try FileSystem.exists(path) else { return }
        if operationLeftHalf(path) { fail("half a backup is left") }
        try FileSystem.remove(tree: path)
    }

    /// A backup that is there is whole: it can be opened without keys.
    private func operationLeftHalf(_ path: String) -> Bool {
        (try? FileSystem.exists("\(path)/staging")) != true
    }

    private func code(_ body: () throws -> Void) -> StoreError.Code? {
        do {
            try body()
            return nil
        } catch {
            return (error as? StoreError)?.code
        }
    }

    private func fail(_ what: String) { report.fail("\(place): \(what)") }
}

private struct Wrong: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}

/// A stream of unknown length.
private final class Pieces: ByteSource {
    private let rest: Mutex<ArraySlice<UInt8>>

    init(_ bytes: [UInt8]) { rest = Mutex(bytes[...]) }

    func read(into buffer: inout MutableSpan<UInt8>) throws -> Int {
        let part = rest.withLock { rest in
            defer { rest = rest.dropFirst(buffer.count) }
            return rest.prefix(buffer.count)
        }
        for (place, byte) in part.enumerated() { buffer[place] = byte }
        return part.count
    }
}
