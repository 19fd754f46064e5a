internal import SluiceFormat
internal import SluiceNative
internal import Synchronization

/// Blobs as files: `blobs/XX/ID`, where XX are the first two digits of the object id, each made
/// durable in `staging/ID` first (see the DESIGN article).
///
/// The staging link is the record of an intent: while it is there and nobody holds the file's lock,
/// a put was interrupted, so that opening a store never scans `blobs/`.
final class FileBlobBackend: BlobBackend {
    private let blobs: Directory
    private let staging: Directory
    private let durability: Durability
    private let onMoment: (@Sendable (StoreMoment) -> Void)?

    /// The backend in the store directory `store`, which is made ready if it is new.
    init(
        store: Directory, durability: Durability, seams: StoreSeams = StoreSeams()
    ) throws(StoreError) {
        self.durability = durability
        onMoment = seams.onMoment
        do throws(SystemError) {
            // A crash may have kept `staging` and dropped `blobs`, whose names become durable together.
            let (hasBlobs, hasStaging) = try (store.has("blobs"), store.has("staging"))
            let isNew = !hasBlobs || !hasStaging
            blobs = try store.openOrMakeDirectory("blobs")
            if isNew {
                // All 256 now, so that no put has to make and sync one. `staging` comes last: it
                // says that they are there.
                for shard in 0..<256 {
                    _ = try blobs.openOrMakeDirectory(String(hexadecimal: [UInt8(shard)]))
                }
                try blobs.sync()
            }
            staging = try store.openOrMakeDirectory("staging")
            if isNew { try store.sync() }
        } catch {
            throw StoreError(
                system: error, "make the store's directories", otherwise: .cannotCreate)
        }
    }

    func begin(
        _ objectID: [UInt8], expectedByteCount: Int?
    ) throws(StoreError) -> any BlobWriting {
        try Self.translating("store a blob") { () throws(SystemError) in
            let name = String(hexadecimal: objectID)
            let file = try self.stage(name)
            if let expectedByteCount {
                do throws(SystemError) {
                    try file.preallocate(byteCount: expectedByteCount)
                } catch {
                    // No room for it: nothing is left behind.
                    try? self.staging.unlink(name)
                    throw error
                }
            }
            return FileBlobWriting(
                file: file, name: name, staging: self.staging, blobs: self.blobs,
                isDurable: self.durability == .full, onMoment: self.onMoment)
        }
    }

    /// Makes `staging/NAME` and locks it. Between the two, somebody who opens the store may take it
    /// for abandoned and remove it: then it is made again.
    private func stage(_ name: String) throws(SystemError) -> File {
        while true {
            let file = try staging.createExclusively(name)
            try file.lock(offset: 0, byteCount: 1, exclusive: true)
            do throws(SystemError) {
                if try staging.status(name).inode == file.status().inode { return file }
            } catch {
                guard error.isNotFound else { throw error }
            }
        }
    }

    func open(_ objectID: [UInt8]) throws(StoreError) -> (any BlobReading)? {
        let name = String(hexadecimal: objectID)
        do throws(SystemError) {
            let file = try blobs.openDirectory(String(name.prefix(2))).openFile(name)
            let status = try file.status()
            guard status.kind == .regular else {
                throw UnreadableBlob.notAFile(
                    "\(blobs.path)/\(name.prefix(2))/\(name)", status.kind)
            }
            return FileBlob(file: file, byteCount: status.byteCount)
        } catch {
            if error.isNotFound { return nil }
            throw StoreError(unreadableBlob: error)
        }
    }

    func delete(_ objectIDs: [[UInt8]]) throws(StoreError) {
        try Self.translating("remove a blob") { () throws(SystemError) in
            var shards: [String: Directory] = [:]
            for objectID in objectIDs {
                let name = String(hexadecimal: objectID)
                let shardName = String(name.prefix(2))
                if shards[shardName] == nil {
                    shards[shardName] = try self.blobs.openDirectory(shardName)
                }
                if let shard = shards[shardName] { try Self.unlinkIfThere(shard, name) }
            }
            if self.durability == .full {
                for shard in shards.values { try shard.sync() }
            }
        }
    }

    /// Interrupted puts that are settled at once; each takes a descriptor meanwhile.
    private static let recoveryCount = 64

    func recover(
        _ findGarbage: (_ objectIDs: [[UInt8]]) throws(StoreError) -> Set<[UInt8]>
    ) throws(StoreError) {
        var names = try Self.translating("look for interrupted puts") { () throws(SystemError) in
            try self.staging.names().compactMap(\.string).filter { [UInt8](identifier: $0) != nil }
        }[...]
        while !names.isEmpty {
            try recover(names.prefix(Self.recoveryCount), findGarbage)
            names = names.dropFirst(Self.recoveryCount)
        }
    }

    private func recover(
        _ names: ArraySlice<String>,
        _ findGarbage: (_ objectIDs: [[UInt8]]) throws(StoreError) -> Set<[UInt8]>
    ) throws(StoreError) {
        var abandoned: [(name: String, objectID: [UInt8], lock: File)] = []
        for name in names {
            let lock = try Self.translating("look at an interrupted put") {
                () throws(SystemError) in try self.lockIfAbandoned(name)
            }
            guard let lock, let objectID = [UInt8](identifier: name) else { continue }
            abandoned.append((name, objectID, lock))
        }
        guard !abandoned.isEmpty else { return }
        let garbage = try findGarbage(abandoned.map(\.objectID))
        try delete(abandoned.map(\.objectID).filter(garbage.contains))
        try Self.translating("clean up an interrupted put") { () throws(SystemError) in
            for put in abandoned { try Self.unlinkIfThere(self.staging, put.name) }
        }
        // The locks are held until the names are gone.
        withExtendedLifetime(abandoned) {}
    }

    /// The staged file, locked, or nil if its writer lives or has just finished, or if it is none of a put's:
    /// something else that somebody has put there is nothing to fail for.
    private func lockIfAbandoned(_ name: String) throws(SystemError) -> File? {
        do throws(SystemError) {
            guard try staging.status(name).kind == .regular else { return nil }
            let file = try staging.openFile(name, .readWrite)
            guard try file.status().kind == .regular else { return nil }
            return try file.tryLock(offset: 0, byteCount: 1, exclusive: true) ? file : nil
        } catch {
            let isForeign = error.isSymbolicLink || error.isDirectory || error.isPermissionDenied
            guard error.isNotFound || isForeign else { throw error }
            return nil
        }
    }

    // MARK: System calls

    static func unlinkIfThere(_ directory: Directory, _ name: String) throws(SystemError) {
        do throws(SystemError) {
            try directory.unlink(name)
        } catch {
            guard error.isNotFound else { throw error }
        }
    }

    static func translating<Value>(
        _ what: String, _ body: () throws(SystemError) -> Value
    ) throws(StoreError) -> Value {
        do throws(SystemError) {
            return try body()
        } catch {
            throw StoreError(system: error, what)
        }
    }
}

extension Directory {
    /// Whether there is an entry of this name.
    func has(_ name: String) throws(SystemError) -> Bool {
        try statusIfThere(name) != nil
    }

    /// Whether there is a directory of this name, and no link to one.
    func hasDirectory(_ name: String) throws(SystemError) -> Bool {
        try statusIfThere(name)?.kind == .directory
    }
}

/// A blob file that is open.
private struct FileBlob: BlobReading {
    let file: File
    let byteCount: Int

    func read(into bytes: inout MutableSpan<UInt8>, at offset: Int) throws(StoreError) -> Int {
        do throws(SystemError) {
            return try file.read(into: &bytes, at: offset)
        } catch {
            throw StoreError(unreadableBlob: error)
        }
    }
}

/// A blob file that is being written in `staging/`, whose lock says that its writer lives.
private final class FileBlobWriting: BlobWriting {
    private let file: File
    private let name: String
    private let staging: Directory
    private let blobs: Directory
    private let isDurable: Bool
    private let onMoment: (@Sendable (StoreMoment) -> Void)?
    private let unsyncedByteCount = Atomic<Int>(0)
    /// Whether the blob may be under its name in its shard.
    private let isLinked = Atomic<Bool>(false)

    /// Written bytes after which the kernel is told to begin with them, so that `fsync` finds little.
    private static let writebackByteCount = 8 << 20

    init(
        file: File, name: String, staging: Directory, blobs: Directory, isDurable: Bool,
        onMoment: (@Sendable (StoreMoment) -> Void)?
    ) {
        self.file = file
        self.name = name
        self.staging = staging
        self.blobs = blobs
        self.isDurable = isDurable
        self.onMoment = onMoment
    }

    func write(_ bytes: Span<UInt8>, at offset: Int) throws(StoreError) {
        try FileBlobBackend.translating("write a blob") { () throws(SystemError) in
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

    func commit(byteCount: Int) throws(StoreError) {
        try FileBlobBackend.translating("store a blob") { () throws(SystemError) in
            // What was preallocated is cut to what was written.
            try file.truncate(to: byteCount)
            if isDurable {
                try file.sync()
                try staging.sync()
            }
            onMoment?(.staged)
            let shard = try blobs.openDirectory(String(name.prefix(2)))
            isLinked.store(true, ordering: .relaxed)
            try staging.link(name, to: name, in: shard)
            if isDurable { try shard.sync() }
            onMoment?(.linked)
        }
    }

    func finish() {
        // If it stays, the next open of the store finds the row and removes the link.
        try? FileBlobBackend.unlinkIfThere(staging, name)
    }

    func abort() {
        // What can't be removed now is removed when the store is opened next, which the staging link
        // leads to it: so that goes last, once nothing brings the blob back.
        guard (try? removeBlob()) != nil else { return }
        try? FileBlobBackend.unlinkIfThere(staging, name)
    }

    private func removeBlob() throws(SystemError) {
        guard isLinked.load(ordering: .relaxed) else { return }
        let shard = try blobs.openDirectory(String(name.prefix(2)))
        try FileBlobBackend.unlinkIfThere(shard, name)
        if isDurable { try shard.sync() }
    }
}
