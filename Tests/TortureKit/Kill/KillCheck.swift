internal import Foundation
internal import Sluice
internal import SluiceAccess
internal import SluiceNative
internal import SluiceVault
internal import TestSupport

/// Looks at a home after the process that used it was killed.
struct KillCheck {
    let home: KillHome
    private(set) var problems: [String] = []
    private(set) var restoredBackupCount = 0

    init(_ home: KillHome) { self.home = home }

    /// Looks at everything, and returns what there is from now on.
    mutating func run(_ record: KillRecord) throws -> KillRecord {
        if let failure = record.failure { problems.append(failure) }
        if let violation = record.violation { problems.append("before it died: \(violation)") }
        let store = try home.open()
        defer { try? store.close() }
        checkRevocation(store, record)
        try home.restore(store)
        var next = KillRecord()
        try checkObjects(store, record, &next)
        try checkPins(store, record, &next)
        try checkSnapshots(store, record, &next)
        let versionCount = try store.vaults.acting(as: .owner).keyVersions(
            vault: KillHome.vault, name: "key"
        ).count
        if !record.versionCounts.contains(versionCount) {
            problems.append("\(versionCount) versions instead of \(record.versionCounts)")
        }
        next.versionCounts = versionCount...versionCount
        try checkBackups(record)
        problems += try store.verify().findings.map { "verify: \($0.subject): \($0.problem)" }
        try checkFiles(store)
        return next
    }

    // MARK: Parts

    private mutating func checkRevocation(_ store: Store, _ record: KillRecord) {
        guard record.isRevoked == true else { return }
        do {
            _ = try store.get(ObjectName("\(KillHome.prefix)0/a"))
            problems.append("what was revoked can be read")
        } catch {
            guard error.code != .accessDenied else { return }
            problems.append("what was revoked fails with \(error)")
        }
    }

    /// Reads every name: what it holds must follow from what was acknowledged and what was in flight.
    private mutating func checkObjects(
        _ store: Store, _ record: KillRecord, _ next: inout KillRecord
    ) throws {
        for (pair, checker) in record.checkers {
            var checker = checker
            var now = RegisterPair()
            for isSecond in [false, true] {
                let get = ObjectOperation(kind: .get, pair: pair, isSecond: isSecond)
                let info = ObjectOperation(kind: .info, pair: pair, isSecond: isSecond)
                for operation in [get, info] {
                    let outcome = try operation.run(store, prefix: KillHome.prefix)
                    guard let steps = operation.steps(outcome) else { continue }
                    checker.call(0, steps)
                    checker.return(0, "after it died, \(operation.text) came to \(outcome.text)")
                    if operation.kind == .info, let content = outcome.content {
                        now[isSecond] = RegisterValue(
                            content: content, version: outcome.tag.map { EntityTag($0).number } ?? 0
                        )
                    }
                }
            }
            if record.violation == nil, let violation = checker.violation {
                problems.append(violation)
            }
            next.checkers[pair] = LinearizabilityChecker(now)
        }
    }

    private mutating func checkPins(
        _ store: Store, _ record: KillRecord, _ next: inout KillRecord
    ) throws {
        var found: [PinID: Int?] = [:]
        for pin in try store.pins() {
            found[pin.id] = try Content.number(of: store.get(pinned: pin.id))
        }
        problems += record.pins.problems(found, "pin")
        next.pins.contents = found.compactMapValues(\.self)
    }

    private mutating func checkSnapshots(
        _ store: Store, _ record: KillRecord, _ next: inout KillRecord
    ) throws {
        var found: [String: Int?] = [:]
        for snapshot in try home.snapshots(store) {
            found[snapshot.id] = try Content.number(of: store.get(snapshot.name))
        }
        problems += record.snapshots.problems(found, "snapshot")
        next.snapshots.contents = found.compactMapValues(\.self)
    }

    /// An acknowledged backup can be restored; what is left of another is whole, or is refused.
    private mutating func checkBackups(_ record: KillRecord) throws {
        for backup in record.backups {
            let target = StoreLocation(
                store: "\(home.path).restored", vaults: home.location.vaults)
            defer {
                for path in [backup.path, target.store] { try? FileSystem.remove(tree: path) }
            }
            do {
                try Store.restore(from: backup.path, to: target)
            } catch {
                if backup.isWhole { problems.append("a backup can't be restored: \(error)") }
                continue
            }
            var options = StoreOptions()
            (options.durability, options.createIfMissing) = (.none, false)
            do {
                let restored = try Store.open(target, options: options)
                defer { try? restored.close() }
                problems += try restored.verify().findings.map {
                    "a \(backup.isWhole ? "whole" : "killed") backup, restored: \($0.subject): "
                        + $0.problem
                }
                restoredBackupCount += 1
            } catch {
                problems.append(
                    "a \(backup.isWhole ? "whole" : "killed") backup was restored, but not: \(error)"
                )
            }
        }
    }

    /// No file but those that rows name, once what is garbage has been unlinked.
    private mutating func checkFiles(_ store: Store) throws {
        let limit = Deadline.seconds(60)
        while try store.status().garbageCount > 0, !limit.hasPassed {
            NativeThread.sleep(nanoseconds: 1_000_000)
        }
        let connection = try Connection(
            path: "\(home.location.store)/catalog.db", mode: .readWrite)
        defer { connection.close() }
        let statement = try connection.prepare("SELECT lower(hex(file)) FROM blobs")
        var expected: Set<String> = []
        while try statement.step() { expected.insert(statement.text(0)) }
        let files =
            FileManager.default.enumerator(atPath: "\(home.location.store)/blobs")?
            .compactMap { $0 as? String }.filter { $0.contains("/") } ?? []
        let found = Set(files.map { String($0.drop { $0 != "/" }.dropFirst()) })
        let names = try FileManager.default.contentsOfDirectory(
            atPath: "\(home.location.store)/staging")
        let staged = Set(names.map { $0.hasSuffix(".part") ? String($0.dropLast(5)) : $0 })
        let parts = try connection.prepare("SELECT lower(hex(object_id)) FROM parts")
        var ofParts: Set<String> = []
        while try parts.step() { ofParts.insert(parts.text(0)) }
        // Parts that nobody has committed are there, and nothing else.
        let left = names.filter { !ofParts.contains(String($0.dropLast(5))) }
        if !left.isEmpty { problems.append("left in staging: \(left)") }
        let all = found.union(staged)
        if all != expected {
            problems.append(
                "blobs: \(all.subtracting(expected)) too many, "
                    + "\(expected.subtracting(all)) too few")
        }
    }
}
