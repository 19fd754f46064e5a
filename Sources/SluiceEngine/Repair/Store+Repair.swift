package import SluiceAccess
internal import SluiceFormat
package import SluiceNative

extension Store {
    /// Puts right what can be put right in the store in the directory at `path`, and moves what can't to
    /// `lost+found` there: nothing is deleted.
    ///
    /// - Parameters:
    ///   - withKeys: Whether to authenticate all content; without, what needs no key is done.
    ///   - backend: Where the blobs are; nil if they are in files in the same directory.
    @available(*, noasync)
    package static func repair(
        _ path: String, options: StoreOptions, withKeys: Bool,
        blobs backend: (any BlobBackend)? = nil,
        keyService: (CryptoLibrary) throws(StoreError) -> any KeyService
    ) throws(StoreError) -> RepairReport {
        let files = try StoreFiles(path, create: false, toRepair: true)
        defer { files.leave() }
        var lost = LostAndFound(files)
        var report = RepairReport()
        try CatalogSalvage.run(files, &lost, &report)
        if !report.findings.isEmpty { try keepStaged(files, backend, &lost) }
        var options = options
        options.createIfMissing = false
        let store = try Store(files, options: options, blobs: backend, keyService: keyService)
        do throws(StoreError) {
            try store.repair(&lost, &report, withKeys: withKeys)
        } catch {
            try? store.close()
            throw error
        }
        try store.close()
        report.lostAndFoundPath = lost.path
        report.lostAndFound = try files.lostAndFound()
        return report
    }

    private func repair(
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
            for finding in try verifyWithoutKeys().findings where !known.contains(finding.problem) {
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
                var reading = try reading(repaired.scope)
                try access.release(&reading) { repaired.tell(&report) }
            } catch {
                guard error.isKeyRefusal else { throw error }
            }
        }
    }
}

extension Store {
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
