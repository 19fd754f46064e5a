internal import SluiceNative

extension FileBlobBackend {
    /// Blobs that are copied before they are synced together: the kernel writes one while the next is
    /// copied, and a file system with a journal commits that once for all.
    private static let copyBatchCount = 64

    package func copy(
        _ blobs: [BlobEntry], to target: any BlobBackend, isSharing: Bool,
        _ copied: (BlobEntry) throws(BlobError) -> Void
    ) throws(BlobError) {
        guard let target = target as? FileBlobBackend else {
            try copyByReading(blobs, to: target, copied)
            return
        }
        var unsynced: [File] = []
        for blob in blobs {
            unsynced.append(try copy(blob, to: target, isSharing: isSharing))
            try copied(blob)
            if unsynced.count == Self.copyBatchCount { try sync(&unsynced) }
        }
        try sync(&unsynced)
        try calling { () throws(SystemError) in
            let names = Set(blobs.map { StoreLayout.blobName($0.objectID) })
            for shard in Set(names.map(StoreLayout.shardName(ofBlob:))) {
                try target.blobs.openDirectory(shard).sync()
            }
            try target.blobs.sync()
        }
    }

    /// Links or copies a blob, which never changes, into another store's `blobs`; gives what is to be synced
    /// yet.
    private func copy(
        _ blob: BlobEntry, to target: FileBlobBackend, isSharing: Bool
    ) throws(BlobError) -> File {
        let name = StoreLayout.blobName(blob.objectID)
        let shardName = StoreLayout.shardName(ofBlob: name)
        let (shard, file, status) = try calling { () throws(SystemError) in
            let shard = try blobs.openDirectory(shardName)
            let file = try shard.openFile(name)
            return (shard, file, try file.status())
        }
        guard status.kind == .regular, status.byteCount == blob.byteCount else {
            throw BlobError(
                .damaged, "it is no file of \(blob.byteCount) bytes", place: "\(shard.path)/\(name)"
            )
        }
        return try calling { () throws(SystemError) in
            let target = try target.blobs.openDirectory(shardName)
            // Whoever put it may not have waited for the disk.
            if isSharing, try shard.canLink(name, to: name, in: target) { return file }
            let copy = try target.createCopy(of: file, as: name)
            try copy.startWriteback(offset: 0, byteCount: blob.byteCount)
            return copy
        }
    }

    private func sync(_ files: inout [File]) throws(BlobError) {
        try calling { () throws(SystemError) in for file in files { try file.sync() } }
        files.removeAll()
    }
}
