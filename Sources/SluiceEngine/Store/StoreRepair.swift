package import SluiceAccess
internal import SluiceFormat
package import SluiceNative

/// Repairs the store in a directory: first its catalog, as a file, and then what is in it, once it is open.
package enum StoreRepair {
    /// Puts right what can be put right in the store in the directory at `path`, and moves what can't to
    /// `lost+found` there: nothing is deleted.
    ///
    /// - Parameters:
    ///   - withKeys: Whether to authenticate all content; without, what needs no key is done.
    ///   - backend: Where the blobs are; nil if they are in files in the same directory.
    package static func run(
        _ path: String, options: StoreOptions, withKeys: Bool,
        blobs backend: (any BlobBackend)? = nil,
        keyService: (CryptoLibrary) throws(StoreError) -> any KeyService
    ) throws(StoreError) -> RepairReport {
        let files = try StoreFiles(path, create: false, toRepair: true)
        defer { files.leave() }
        try ListingRuns.removeAll(files)
        var lost = LostAndFound(files)
        var report = RepairReport()
        let indexedTags = try CatalogSalvage.run(files, &lost, &report)
        if !report.findings.isEmpty { try keepStaged(files, backend, &lost) }
        var options = options
        options.createIfMissing = false
        let store = try Store(files, options: options, blobs: backend, keyService: keyService)
        do throws(StoreError) {
            var repairer = store.repairer
            repairer.indexedTags = indexedTags
            try repairer.repair(&lost, &report, withKeys: withKeys)
        } catch {
            try? store.close()
            throw error
        }
        try store.close()
        report.lostAndFoundPath = lost.path
        report.lostAndFound = try files.lostAndFound()
        return report
    }

    /// Keeps what puts left that were cut short: a catalog that was rebuilt may have lost their rows, and
    /// to open it removes what has none.
    private static func keepStaged(
        _ files: StoreFiles, _ backend: (any BlobBackend)?, _ lost: inout LostAndFound
    ) throws(StoreError) {
        let staged = try translated("repair the store") {
            () throws(SystemError) -> (directory: Directory, names: [String])? in
            guard try files.directory.has(StoreLayout.staging) else { return nil }
            let staging = try files.directory.openDirectory(StoreLayout.staging)
            return (staging, try staging.names().compactMap(\.string))
        }
        guard let staged else { return }
        let elsewhere = backend.map { StoredBlobs(backend: RetryingBlobs($0)) }
        for name in staged.names {
            guard let objectID = StoreLayout.objectID(name) else { continue }
            if let elsewhere {
                _ = try lost.keep(elsewhere, objectID)
            } else {
                try lost.keep(name, in: staged.directory, as: name)
            }
        }
        try lost.sync()
    }
}
