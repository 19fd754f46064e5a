internal import SluiceAccess
internal import SluiceNative

/// Where a store's directory has the catalog, and its blobs are in a backend of the caller's.
///
/// A file has the name of the directory that blobs would be in, so that nobody takes the store for one with files.
enum BlobsElsewhere {
    /// The backend as the store uses it: what fails for a moment is tried again, and puts that are cut short can be
    /// settled. Makes the store's directory ready if it is new.
    static func prepare(
        _ backend: any BlobBackend, for store: Directory, durability: Durability
    ) throws(StoreError) -> StoredBlobs {
        let isDurable = durability == .full
        let staging: Staging
        do throws(SystemError) {
            let found = try store.statusIfThere(StoreLayout.blobsElsewhere)?.kind
            guard found == nil || found == .regular else { throw SystemError.directory(store.path) }
            if found == nil {
                let file = try store.createExclusively(StoreLayout.blobsElsewhere)
                try file.write(Array(text.utf8).span)
                if isDurable { try file.sync() }
            }
            // It comes last, and says that the store is made.
            let isNew = try !store.has(StoreLayout.staging)
            staging = Staging(directory: try store.openOrMakeDirectory(StoreLayout.staging))
            if isNew, isDurable { try store.sync() }
        } catch {
            guard !error.isDirectory else { throw hereError(store.path) }
            throw StoreError(
                system: error, "make the store's directories", otherwise: .cannotCreate)
        }
        let retrying = RetryingBlobs(
            forStore: backend as? RetryingBlobs ?? RetryingBlobs(backend))
        guard !backend.properties.locksShowWriters else {
            return StoredBlobs(backend: retrying, close: { retrying.giveUp() })
        }
        return StoredBlobs(
            backend: NotedBlobs(retrying, staging: staging, isDurable: isDurable),
            close: { retrying.giveUp() })
    }

    private static let text = "The blobs of this store are elsewhere.\n"

    /// Whether this is why a store's files couldn't be opened.
    static func isReason(_ error: BlobError, in store: Directory) -> Bool {
        (error.cause as? SystemError)?.isNotDirectory == true
            && (try? store.statusIfThere(StoreLayout.blobsElsewhere)?.kind) == .regular
    }

    static func elsewhereError(_ path: String) -> StoreError {
        StoreError(
            .invalidArgument, "the store in '\(path)' has its blobs elsewhere", about: .store(path),
            remedies: [.other("open it with the backend that has them")])
    }

    private static func hereError(_ path: String) -> StoreError {
        StoreError(
            .invalidArgument, "the store in '\(path)' has its blobs in files", about: .store(path),
            remedies: [.other("open it without another backend")])
    }
}
