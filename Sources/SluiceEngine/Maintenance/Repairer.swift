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
    let sealer: ObjectSealer
    let keylessVerifier: KeylessVerifier
    let verifier: Verifier
    /// Tags that a rebuilt catalog's index had, where the rows have others.
    var indexedTags: [Int: [UInt8]] = [:]

    func repair(
        _ lost: inout LostAndFound, _ report: inout RepairReport, withKeys: Bool
    ) throws(StoreError) {
        try repairReferences(&lost, &report)
        try repairRows(&lost, &report)
        let scopes = withKeys ? try repairContent(&lost, &report) : []
        try repairCounts(&report)
        if try knowsAllExtents(scopes, withKeys) {
            if try catalog.areExtentsUncounted() { try catalog.noteExtentsCounted() }
            try repairBlobs(&lost, &report)
        } else {
            report.add(
                "blobs",
                "those that no row names stay where they are, for some may be of objects whose tables of extents can't "
                    + "be opened now", .left)
        }
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
            if !known.contains(error.reason) { report.add("catalog", error.reason, .left) }
        }
        try tellNames(scopes, &report)
    }

    /// Whether every table of extents could be opened: only these say for sure which blobs are needed.
    private func knowsAllExtents(
        _ scopes: [RepairedScope], _ withKeys: Bool
    ) throws(StoreError) -> Bool {
        let opened = Set(scopes.filter { !$0.hasUnopened }.map(\.scope.record.rowID))
        return try catalog.scopesWithExtents().allSatisfy { withKeys && opened.contains($0) }
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
}

extension Repairer {
    /// Makes the catalog's counts what its rows add up to.
    func repairCounts(_ report: inout RepairReport) throws(StoreError) {
        let wrong =
            try catalog.miscountedKeyCount() + catalog.misreferencedRowCount(of: .blobs)
            + catalog.misreferencedRowCount(of: .wrappedKeys)
        guard wrong > 0 else { return }
        let count = try catalog.recount()
        // What was moved has changed them, too, and has been told.
        guard !report.findings.contains(where: { $0.outcome == .moved }) else { return }
        report.add("catalog", "\(count) counts were not what its rows add up to", .mended)
    }
}
