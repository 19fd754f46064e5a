internal import Foundation
internal import Sluice
internal import SluiceNative
internal import TestSupport

/// Opens what a crash left, and says what is wrong with it.
struct StateChecker {
    let home: TrialHome
    /// What was acknowledged, and what must be there if the operation under way took effect as well.
    var (acknowledged, begun): (Expectation, Expectation)
    /// Whether to use the store afterwards.
    let isUsedToo: Bool
    /// Whether the store may have yet to be made.
    let isMaking: Bool
    /// Whether a sync of the whole file system has failed: nothing brings back what it was to write of blobs that
    /// nobody had waited for, be the next one successful.
    var hasLostUnsynced = false

    /// What is wrong, `blobs` being the paths of all files that may have to go; empty if nothing is.
    func problems(blobs: [String]) -> [String] {
        var problems: [String] = []
        do {
            let store = try home.open(create: isMaking)
            defer { try? store.close() }
            if !isMaking { try checkAccess(store, &problems) }
            try checkObjects(store, &problems)
            if !isMaking { try checkKeys(store, &problems) }
            for finding in try store.verify().findings where !fragile.contains(finding.subject) {
                problems.append("verify: \(finding.subject): \(finding.problem)")
            }
            if isUsedToo { try use(store, &problems) }
            try store.close()
            try checkBlobs(blobs, &problems)
        } catch {
            problems.append("threw \(error)")
        }
        return problems
    }

    /// Objects that may be spoilt.
    private var fragile: Set<String> {
        begun.unsynced.filter { hasLostUnsynced || acknowledged.objects[$0] == nil }
    }

    /// Revoked stays revoked; access is given back then, to see what there is.
    private func checkAccess(_ store: Store, _ problems: inout [String]) throws {
        let isDenied: Bool
        do throws(StoreError) {
            _ = try store.list()
            isDenied = false
        } catch {
            guard error.code == .accessDenied else { throw error }
            isDenied = true
        }
        if !isDenied, acknowledged.revocation != nil, begun.revocation != nil {
            problems.append("access is there that was revoked")
        }
        guard isDenied else { return }
        guard let way = acknowledged.revocation ?? begun.revocation else {
            problems.append("access is denied that nobody took away")
            return
        }
        try TrialHome.restore(way, store)
    }

    private func checkObjects(_ store: Store, _ problems: inout [String]) throws {
        let names = Set(acknowledged.objects.keys).union(begun.objects.keys)
        var found: Set<String> = []
        for name in names.sorted() {
            let (old, new) = (acknowledged.objects[name], begun.objects[name])
            do throws(StoreError) {
                let bytes = try store.get(ObjectName(name))
                let said = try store.info(ObjectName(name)).metadata[TrialHome.said]
                found.insert(name)
                let isEither = [acknowledged, begun].contains { state in
                    state.said[name] == said
                        && state.objects[name].map { Self.isSame(TrialHome.contents[$0], bytes) }
                            == true
                }
                if !isEither { problems.append("'\(name)' is neither old nor new") }
            } catch {
                if error.code == .integrity, fragile.contains(name) {
                    found.insert(name)
                    continue
                }
                guard error.code == .notFound else {
                    problems.append("'\(name)': \(error)")
                    continue
                }
                if old != nil, new != nil { problems.append("'\(name)' is lost") }
            }
        }
        let listed = Set(try store.list().entries.map(\.name.description))
        if listed != found {
            problems.append("listed are \(listed.sorted()), to be had \(found.sorted())")
        }
    }

    private static func isSame(_ one: [UInt8], _ other: [UInt8]) -> Bool {
        constantTimeEqual(one.span, other.span)
    }

    private func checkKeys(_ store: Store, _ problems: inout [String]) throws {
        let bundles = try store.vaults.acting(as: .owner).keyVersions(
            vault: TrialHome.vault, name: TrialHome.key)
        let versions = Set(bundles.compactMap(\.kid.version))
        let possible = acknowledged.versions.union(begun.versions)
        let areKnown = begun.mayHaveOtherVersions || versions.isSubset(of: possible)
        if !acknowledged.versions.isSubset(of: versions) || !areKnown {
            problems.append("the key has versions \(versions), not \(acknowledged.versions)")
        }
        let unneeded = acknowledged.unneeded.intersection(begun.unneeded)
        for entry in try store.scope(.default).census where entry.objectCount > 0 {
            if unneeded.contains(entry.key.version ?? "") {
                problems.append("\(entry.objectCount) objects are under \(entry.key) again")
            }
        }
    }

    private func use(_ store: Store, _ problems: inout [String]) throws {
        let name: ObjectName = "after"
        for content in TrialHome.contents.prefix(2) {
            try store.put(content, as: name, options: TrialHome.putOptions(0))
            if try !Self.isSame(store.get(name), content) { problems.append("put and get differ") }
        }
        try store.remove(name)
        for (name, content) in begun.objects {
            try commitParts(of: name, content, store, &problems)
        }
    }

    /// Commits what an upload left that was cut short: what a crash has taken of it is told, and never committed.
    private func commitParts(
        of name: String, _ content: Int, _ store: Store, _ problems: inout [String]
    ) throws {
        let upload = try store.beginUpload(
            ObjectName(name), options: TrialHome.putOptions(content))
        guard try !upload.parts().isEmpty else { return }
        do throws(StoreError) {
            try upload.commit([PartChoice("a", .uncommitted), PartChoice("b", .uncommitted)])
        } catch {
            guard error.code == .notFound else { throw error }
            try upload.abort()
            return
        }
        if try !Self.isSame(store.get(ObjectName(name)), TrialHome.contents[content]) {
            problems.append("the parts of '\(name)' are not what was put")
        }
        try store.remove(ObjectName(name))
    }

    /// No blob without a row, no row without its blob, nothing that waits to be removed.
    private func checkBlobs(_ blobs: [String], _ problems: inout [String]) throws {
        let path = home.location.store
        let connection = try Connection(path: "\(path)/catalog.db", mode: .readWrite)
        defer { connection.close() }
        // They are durable, and have their names, once they are committed.
        var parts: Set<String> = []
        let partRows = try connection.prepare("SELECT lower(hex(object_id)) FROM parts")
        while try partRows.step() { parts.insert(partRows.text(0)) }
        let staged = try FileManager.default.contentsOfDirectory(atPath: "\(path)/staging")
        let left = staged.filter {
            !$0.hasSuffix(".part") || !parts.contains(String($0.dropLast(5)))
        }
        if !left.isEmpty { problems.append("staging holds \(left)") }
        var known: Set<String> = []
        let rows = try connection.prepare("SELECT lower(hex(file)), refs FROM blobs")
        while try rows.step() {
            known.insert(rows.text(0))
            if rows.int(1) == 0 { problems.append("the blob \(rows.text(0)) waits to be removed") }
        }
        for blob in blobs {
            let name = String(blob.suffix(32))
            let isThere = try FileSystem.exists("\(home.path)/\(blob)")
            if isThere ? begun.mayHaveOrphans : !fragile.isEmpty { continue }
            if parts.contains(name) { continue }
            if isThere != known.contains(name) {
                problems.append(
                    isThere ? "the blob \(name) is an orphan" : "the blob \(name) is gone")
            }
        }
    }
}
