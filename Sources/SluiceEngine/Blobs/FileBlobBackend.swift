internal import SluiceFormat
package import SluiceNative
internal import Synchronization

/// Blobs as files: `blobs/XX/ID`, where XX are the first two digits of the object id, each made
/// durable in `staging/ID` first (see the DESIGN article).
///
/// The staging link is the record of an intent (``Staging``): opening a store never scans `blobs/`. A blob that is
/// durable later is there alone until it is (``makeDurable(_:)``), though rows name it.
package final class FileBlobBackend: BlobBackend {
    let blobs: Directory
    /// Nil where blobs are only read and copied.
    let staging: Staging?
    let durability: Durability
    let unsynced = UnsyncedBlobs()
    private let onMoment: (@Sendable (StoreMoment) -> Void)?

    /// Files take any bytes anywhere, and their writers hold locks.
    package let properties = BlobBackendProperties()

    /// The backend in the store directory `store`, which is made ready if it is new.
    package init(
        store: Directory, durability: Durability, seams: StoreSeams = StoreSeams()
    ) throws(BlobError) {
        self.durability = durability
        onMoment = seams.onMoment
        (blobs, staging) = try calling { () throws(SystemError) in
            // A crash may have kept `staging` and dropped `blobs`, whose names become durable together.
            let (hasBlobs, hasStaging) = try (
                store.has(StoreLayout.blobs), store.has(StoreLayout.staging)
            )
            let isNew = !hasBlobs || !hasStaging
            let blobs = try store.openOrMakeDirectory(StoreLayout.blobs)
            if isNew {
                // All 256 now, so that no put has to make and sync one. `staging` comes last: it
                // says that they are there.
                for number in 0..<StoreLayout.shardCount {
                    _ = try blobs.openOrMakeDirectory(StoreLayout.shardName(number))
                }
                try blobs.sync()
            }
            let staging = try store.openOrMakeDirectory(StoreLayout.staging)
            if isNew { try store.sync() }
            return (blobs, Staging(directory: staging))
        }
    }

    /// The blobs in the store directory `store`, to be read and copied.
    init(reading store: Directory) throws(BlobError) {
        blobs = try calling { () throws(SystemError) in
            try store.openDirectory(StoreLayout.blobs)
        }
        staging = nil
        durability = .full
        onMoment = nil
    }

    // MARK: Writing

    package func begin(
        _ objectID: [UInt8], plan: BlobPlan
    ) throws(BlobError) -> any BlobWriting {
        guard let staging else {
            throw BlobError(.refused, "they are only read", place: blobs.path)
        }
        return try calling { () throws(SystemError) in
            let name =
                plan.isDurableLater
                ? StoreLayout.partName(objectID) : StoreLayout.blobName(objectID)
            let file = try staging.claim(name)
            if let expectedByteCount = plan.expectedByteCount {
                do throws(SystemError) {
                    try file.preallocate(byteCount: expectedByteCount)
                } catch {
                    // No room for it: nothing is left behind.
                    try? staging.directory.unlink(name)
                    throw error
                }
            }
            return FileBlobWriting(
                file: file, objectID: objectID, stagedName: name,
                isDurableLater: plan.isDurableLater, staging: staging.directory, backend: self,
                onMoment: onMoment)
        }
    }

    // MARK: Reading

    package func open(
        _ objectID: [UInt8], byteCount: Int
    ) throws(BlobError) -> (any BlobReading)? {
        let name = StoreLayout.blobName(objectID)
        do throws(SystemError) {
            let shard = try shard(ofBlob: name)
            let file = try shard.openFile(name)
            let status = try file.status()
            guard status.kind == .regular else {
                throw UnreadableBlob.notAFile("\(shard.path)/\(name)", status.kind)
            }
            return FileBlob(file: file, byteCount: status.byteCount)
        } catch {
            if error.isNotFound { return nil }
            throw BlobError(system: error)
        }
    }

    /// The directory that a blob has its name in.
    func shard(ofBlob name: String) throws(SystemError) -> Directory {
        try blobs.openDirectory(StoreLayout.shardName(ofBlob: name))
    }

    // MARK: Removing

    package func delete(_ objectIDs: [[UInt8]]) throws(BlobError) {
        try calling { () throws(SystemError) in
            var shards = OpenShards(self)
            for objectID in objectIDs {
                let name = StoreLayout.blobName(objectID)
                try shards.shard(ofBlob: name).unlinkIfThere(name)
            }
            try shards.sync()
            // Where one is that isn't durable yet.
            for objectID in objectIDs {
                unsynced.remove(objectID)
                try staging?.directory.unlinkIfThere(StoreLayout.partName(objectID))
            }
        }
    }

    package func recover(
        _ findGarbage: (_ objectIDs: [[UInt8]]) throws(BlobError) -> Set<[UInt8]>
    ) throws(BlobError) {
        try staging?.recover(findGarbage) { objectIDs throws(BlobError) in
            try delete(objectIDs)
        } isDurable: { objectID throws(SystemError) in
            let name = StoreLayout.blobName(objectID)
            guard try blobs.has(StoreLayout.shardName(ofBlob: name)) else { return false }
            return try shard(ofBlob: name).has(name)
        }
    }
}

/// Directories of blobs that were changed: each is opened once, and synced once.
struct OpenShards {
    private let backend: FileBlobBackend
    private var directories: [String: Directory] = [:]

    init(_ backend: FileBlobBackend) { self.backend = backend }

    /// The directory that a blob has its name in.
    mutating func shard(ofBlob name: String) throws(SystemError) -> Directory {
        let shardName = StoreLayout.shardName(ofBlob: name)
        if let known = directories[shardName] { return known }
        let directory = try backend.shard(ofBlob: name)
        directories[shardName] = directory
        return directory
    }

    /// Makes their names durable, where the backend waits for the disk.
    func sync() throws(SystemError) {
        guard backend.durability == .full else { return }
        for directory in directories.values { try directory.sync() }
    }
}

/// A blob file that is open.
private struct FileBlob: BlobReading {
    let file: File
    let byteCount: Int

    func read(into bytes: inout MutableSpan<UInt8>, at offset: Int) throws(BlobError) -> Int {
        do throws(SystemError) {
            return try file.read(into: &bytes, at: offset)
        } catch {
            throw BlobError(system: error)
        }
    }
}

/// A blob file that is being written in `staging/`, whose lock says that its writer lives.
private final class FileBlobWriting: BlobWriting {
    private let file: File
    private let objectID: [UInt8]
    private let name: String
    private let stagedName: String
    private let isDurableLater: Bool
    private let staging: Directory
    private let backend: FileBlobBackend
    private let isDurable: Bool
    private let onMoment: (@Sendable (StoreMoment) -> Void)?
    private let unsyncedByteCount = Atomic<Int>(0)
    /// Whether the blob may be under its name in its shard.
    private let isLinked = Atomic<Bool>(false)

    /// Written bytes after which the kernel is told to begin with them, so that `fsync` finds little.
    private static let writebackByteCount = 8 << 20

    init(
        file: File, objectID: [UInt8], stagedName: String, isDurableLater: Bool,
        staging: Directory, backend: FileBlobBackend,
        onMoment: (@Sendable (StoreMoment) -> Void)?
    ) {
        self.file = file
        self.objectID = objectID
        name = StoreLayout.blobName(objectID)
        self.stagedName = stagedName
        self.isDurableLater = isDurableLater
        self.staging = staging
        self.backend = backend
        isDurable = backend.durability == .full
        self.onMoment = onMoment
    }

    func write(_ bytes: Span<UInt8>, at offset: Int) throws(BlobError) {
        try calling { () throws(SystemError) in
            try file.write(bytes, at: offset)
            guard isDurable else { return }
            let total = unsyncedByteCount.wrappingAdd(bytes.count, ordering: .relaxed).newValue
            let window = Self.writebackByteCount
            if total / window != (total - bytes.count) / window {
                let end = offset + bytes.count
                try file.startWriteback(
                    offset: max(0, end - window), byteCount: min(end, window))
            }
        }
    }

    func commit(byteCount: Int) throws(BlobError) {
        try calling { () throws(SystemError) in
            // What was preallocated is cut to what was written.
            try file.truncate(to: byteCount)
            if isDurableLater {
                // There will be less to do then.
                if isDurable { try file.startWriteback(offset: 0, byteCount: byteCount) }
                backend.unsynced.add(UnsyncedBlobs.Blob(objectID: objectID, file: file))
                return
            }
            if isDurable {
                try file.sync()
                try staging.sync()
            }
            onMoment?(.staged)
            let shard = try backend.shard(ofBlob: name)
            isLinked.store(true, ordering: .relaxed)
            try staging.link(stagedName, to: name, in: shard)
            if isDurable { try shard.sync() }
            onMoment?(.linked)
        }
    }

    func finish() {
        guard !isDurableLater else { return backend.noteNamed(objectID) }
        // If it stays, the next open of the store finds the row and removes the link.
        try? staging.unlinkIfThere(stagedName)
    }

    func abort() {
        // What can't be removed now is removed when the store is opened next, which the staging link
        // leads to it: so that goes last, once nothing brings the blob back.
        guard (try? removeBlob()) != nil else { return }
        backend.unsynced.remove(objectID)
        try? staging.unlinkIfThere(stagedName)
    }

    private func removeBlob() throws(SystemError) {
        guard isLinked.load(ordering: .relaxed) else { return }
        let shard = try backend.shard(ofBlob: name)
        try shard.unlinkIfThere(name)
        if isDurable { try shard.sync() }
    }
}
