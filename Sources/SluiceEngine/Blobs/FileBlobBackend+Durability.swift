internal import SluiceNative

/// Blobs that are durable later: see ``BlobPlan/isDurableLater``.
extension FileBlobBackend {
    package func makeDurable(_ blobs: [BlobEntry]) throws(BlobError) -> [BlobEntry] {
        guard let staging = staging?.directory else {
            throw BlobError(.refused, "they are only read", place: self.blobs.path)
        }
        return try calling { () throws(SystemError) in
            var doubtful: [BlobEntry] = []
            var shards = OpenShards(self)
            var linked: [BlobEntry] = []
            for blob in blobs {
                let name = StoreLayout.blobName(blob.objectID)
                // To be synced whoever has given it the name, and may not have synced that yet.
                let shard = try shards.shard(ofBlob: name)
                let isNamed = try shard.has(name)
                let own = unsynced[blob.objectID]
                if !isNamed {
                    if own == nil { doubtful.append(blob) }
                    guard try sync(own, blob, in: staging), try link(blob, from: staging, to: shard)
                    else { continue }
                }
                linked.append(blob)
            }
            try shards.sync()
            for blob in linked {
                try staging.unlinkIfThere(StoreLayout.partName(blob.objectID))
                unsynced.remove(blob.objectID)
            }
            return doubtful
        }
    }

    /// Notes that rows name a blob, and has some others be durable where too many are not.
    func noteNamed(_ objectID: [UInt8]) {
        let entries = unsynced.noteNamed(objectID).map { BlobEntry(objectID: $0, byteCount: 0) }
        // Whoever commits what has them tries again, and says why it can't be.
        if !entries.isEmpty { _ = try? makeDurable(entries) }
    }

    /// Syncs a file in `staging/`; false if it is another writer's, and not there as it should be.
    ///
    /// Another's is written again before: that writer's sync may have failed, and a second one writes nothing. Not where
    /// the file has other names, for then it may be somebody else's.
    private func sync(
        _ own: UnsyncedBlobs.Blob?, _ blob: BlobEntry, in staging: Directory
    ) throws(SystemError) -> Bool {
        if let own {
            if durability == .full { try own.sync() }
            return true
        }
        let found = try staging.openFileIfThere(StoreLayout.partName(blob.objectID), .readWrite)
        guard let file = found else { return false }
        let status = try file.status()
        guard status.kind == .regular, status.linkCount == 1, status.byteCount == blob.byteCount
        else { return false }
        try file.writeAgain()
        if durability == .full { try file.sync() }
        return true
    }

    /// Gives a blob its name, unless somebody else has; false if it has been removed meanwhile.
    private func link(
        _ blob: BlobEntry, from staging: Directory, to shard: Directory
    ) throws(SystemError) -> Bool {
        let name = StoreLayout.blobName(blob.objectID)
        do throws(SystemError) {
            try staging.link(StoreLayout.partName(blob.objectID), to: name, in: shard)
            return true
        } catch {
            if error.isExists { return true }
            guard error.isNotFound else { throw error }
            return try shard.has(name)
        }
    }
}
