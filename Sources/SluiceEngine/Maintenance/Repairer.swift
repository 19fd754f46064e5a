internal import SluiceAccess
internal import SluiceFormat
internal import SluiceNative

/// Puts right what can be put right in an open store, and moves what can't to `lost+found`: nothing is deleted. For
/// one thread.
struct Repairer: StoreComponent {
    let context: StoreContext
    let registry: ScopeRegistry
    let finder: ObjectFinder
    let contents: ObjectContents
    let authorizer: ReadAuthorizer
    let pinKeeper: PinKeeper
    let keylessVerifier: KeylessVerifier
    let verifier: Verifier

    func repair(
        _ lost: inout LostAndFound, _ report: inout RepairReport, withKeys: Bool
    ) throws(StoreError) {
        try repairReferences(&lost, &report)
        try repairRows(&lost, &report)
        let scopes = withKeys ? try repairContent(&lost, &report) : []
        try repairCounts(&report)
        try repairBlobs(&lost, &report)
        try lost.sync()
        // What is left to say is said once.
        let known = Set(report.findings.map(\.problem))
        do throws(StoreError) {
            for finding in try keylessVerifier.verify().findings
            where !known.contains(finding.problem) {
                report.add(finding.subject, finding.problem, .left)
            }
        } catch {
            guard error.code == .integrity else { throw error }
            if !known.contains(error.message) { report.add("catalog", error.message, .left) }
        }
        try tellNames(scopes, &report)
    }

    /// Has findings name their objects, as far as the scopes' keys may be used to the end; what was done is
    /// told in any case.
    func tellNames(
        _ scopes: [RepairedScope], _ report: inout RepairReport
    ) throws(StoreError) {
        for repaired in scopes where repaired.isNamingAny {
            do throws(StoreError) {
                var reading = try authorizer.reading(repaired.scope)
                try access.release(&reading) { repaired.tell(&report) }
            } catch {
                guard error.isKeyRefusal else { throw error }
            }
        }
    }

    // MARK: Blobs

    /// Moves blobs that no row names, and makes shards that are missing.
    private func repairBlobs(
        _ lost: inout LostAndFound, _ report: inout RepairReport
    ) throws(StoreError) {
        guard let files else { return }
        // What couldn't be settled may be a put whose row returns: it stays.
        let (blobs, staged) = try CatalogSalvage.translating {
            () throws(SystemError) -> (Directory, Set<String>) in
            let staging = try files.directory.openDirectory("staging")
            return (
                try files.directory.openOrMakeDirectory("blobs"),
                Set(try staging.names().compactMap(\.string))
            )
        }
        var missingCount = 0
        for number in 0...UInt8.max {
            let shardName = String(hexadecimal: [number])
            let isThere = try CatalogSalvage.translating { () throws(SystemError) in
                let isThere = try blobs.has(shardName)
                if !isThere { try blobs.makeDirectory(shardName) }
                return isThere
            }
            guard isThere else {
                missingCount += 1
                continue
            }
            try repairShard(shardName, in: blobs, except: staged, &lost, &report)
        }
        guard missingCount > 0 else { return }
        try CatalogSalvage.translating { () throws(SystemError) in try blobs.sync() }
        report.add("blobs", "\(missingCount) directories were missing", .mended)
    }

    private func repairShard(
        _ shardName: String, in blobs: Directory, except staged: Set<String>,
        _ lost: inout LostAndFound,
        _ report: inout RepairReport
    ) throws(StoreError) {
        let found: (shard: Directory, names: [String])
        do throws(SystemError) {
            let shard = try blobs.openDirectory(shardName)
            found = (shard, try shard.names().compactMap(\.string))
        } catch {
            // What can't be read says nothing of the others.
            report.add("blobs/\(shardName)", "it can't be read: \(error.reason)", .left)
            return
        }
        let (shard, names) = found
        for name in names where !staged.contains(name) {
            guard let objectID = [UInt8](identifier: name),
                name == String(hexadecimal: objectID)
            else { continue }
            let isNamed = try catalog.read { reader throws(StoreError) in
                try reader.blobRowID(ofFile: objectID) != nil
            }
            guard !isNamed || !name.hasPrefix(shardName) else { continue }
            let isFile = try CatalogSalvage.translating { () throws(SystemError) in
                try shard.status(name).kind == .regular
            }
            guard isFile else {
                report.add(
                    "blobs/\(shardName)/\(name)", "it is no file, and no row names it", .left)
                continue
            }
            // Moved with its object, and told with it; or nobody's.
            let isTold = lost.keptNames.contains(name)
            try lost.keep(name, in: shard, as: name)
            if !isTold { try lost.note("blob \(name): no row of the catalog names it") }
            try lost.sync()
            try CatalogSalvage.translating { () throws(SystemError) in
                try FileBlobBackend.unlinkIfThere(shard, name)
                try shard.sync()
            }
            guard !isTold else { continue }
            report.add("blob \(name)", "no row of the catalog names it", .moved)
        }
    }
}

extension Repairer {
    /// Makes the catalog's counts what its rows add up to.
    func repairCounts(_ report: inout RepairReport) throws(StoreError) {
        let wrong = try catalog.read { reader throws(StoreError) in
            try reader.miscountedKeyCount() + reader.misreferencedRowCount(of: .blobs)
                + reader.misreferencedRowCount(of: .wrappedKeys)
        }
        guard wrong > 0 else { return }
        let count = try catalog.write { writer throws(StoreError) in try writer.recount() }
        // What was moved has changed them, too, and has been told.
        guard !report.findings.contains(where: { $0.outcome == .moved }) else { return }
        report.add("catalog", "\(count) counts were not what its rows add up to", .mended)
    }
}
