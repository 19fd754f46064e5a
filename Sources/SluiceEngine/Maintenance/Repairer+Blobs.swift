internal import SluiceFormat
internal import SluiceNative

/// Blobs that no row names, or that a row names which is taken out.
extension Repairer {
    /// Keeps an object's blob, if it is there.
    func keepBlob(_ objectID: [UInt8], _ lost: inout LostAndFound) throws(StoreError) {
        guard files != nil, objectID.count == Format.identifierByteCount, try blobs.has(objectID)
        else { return }
        guard let own = blobs.backend as? FileBlobBackend else {
            _ = try lost.keep(blobs, objectID)
            return
        }
        let name = StoreLayout.blobName(objectID)
        let shard = try translated("open a blob's directory") { () throws(BlobError) in
            try own.shard(of: objectID)
        }
        try lost.keep(name, in: shard, as: name)
    }

    /// Moves blobs that no row names, and makes shards that are missing.
    func repairBlobs(
        _ lost: inout LostAndFound, _ report: inout RepairReport
    ) throws(StoreError) {
        guard let files else { return }
        // What couldn't be settled may be a put whose row returns: it stays.
        let staged = try translated("repair the store") { () throws(SystemError) in
            let staging = try files.directory.openDirectory(StoreLayout.staging)
            return Set(try staging.names().compactMap(\.string))
        }
        guard let own = blobs.backend as? FileBlobBackend else {
            try repairBlobsElsewhere(except: staged, &lost, &report)
            return
        }
        let missingCount = try translated("repair the blobs") { () throws(BlobError) in
            try own.makeMissingShards()
        }
        for number in 0..<StoreLayout.shardCount {
            try repairShard(StoreLayout.shardName(number), of: own, except: staged, &lost, &report)
        }
        guard missingCount > 0 else { return }
        report.add("blobs", "\(missingCount) directories were missing", .mended)
    }

    private func repairShard(
        _ shardName: String, of own: FileBlobBackend, except staged: Set<String>,
        _ lost: inout LostAndFound, _ report: inout RepairReport
    ) throws(StoreError) {
        let (shard, names): (Directory, [String])
        do throws(BlobError) {
            (shard, names) = try own.shard(shardName)
        } catch {
            // What can't be read says nothing of the others.
            report.add("blobs/\(shardName)", "it can't be read: \(error.message)", .left)
            return
        }
        for name in names where !staged.contains(name) {
            guard let objectID = StoreLayout.objectID(name),
                name == StoreLayout.blobName(objectID)
            else { continue }
            guard try !isNamed(objectID) || !name.hasPrefix(shardName) else { continue }
            let isFile = try translated("repair the store") { () throws(SystemError) in
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
            try translated("repair the store") { () throws(SystemError) in
                try shard.unlinkIfThere(name)
                try shard.sync()
            }
            guard !isTold else { continue }
            report.add("blob \(name)", "no row of the catalog names it", .moved)
        }
    }

    /// Moves blobs of another backend that no row names.
    private func repairBlobsElsewhere(
        except staged: Set<String>, _ lost: inout LostAndFound, _ report: inout RepairReport
    ) throws(StoreError) {
        var cursor: BlobCursor?
        repeat {
            let page = try translated("list the blobs") { [cursor] () throws(BlobError) in
                try blobs.backend.list(after: cursor, limit: Self.listPageCount)
            }
            for entry in page.entries {
                let name = StoreLayout.blobName(entry.objectID)
                guard !staged.contains(name) else { continue }
                let isNeeded = try isNamed(entry.objectID)
                guard !isNeeded else { continue }
                let isTold = lost.keptNames.contains(name)
                // A listing that lags may have what is gone.
                if !isTold {
                    let isThere = try lost.keep(blobs, entry.objectID)
                    guard isThere else { continue }
                }
                if !isTold { try lost.note("blob \(name): no row of the catalog names it") }
                try lost.sync()
                try blobs.delete([entry.objectID])
                if !isTold { report.add("blob \(name)", "no row of the catalog names it", .moved) }
            }
            cursor = page.next
        } while cursor != nil
    }

    private static let listPageCount = 1000

    private func isNamed(_ objectID: [UInt8]) throws(StoreError) -> Bool {
        try catalog.read { reader throws(StoreError) in
            try reader.blobRowID(ofFile: objectID) != nil
        }
    }
}
