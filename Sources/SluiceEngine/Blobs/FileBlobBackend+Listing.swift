internal import SluiceNative

extension FileBlobBackend {
    package func list(
        after cursor: BlobCursor?, limit: Int
    ) throws(BlobError) -> BlobPage {
        // A cursor is the name of the last blob of its page.
        let last = cursor?.text ?? ""
        let first = StoreLayout.objectID(last)?.first.map(Int.init) ?? 0
        var entries: [BlobEntry] = []
        for number in first..<StoreLayout.shardCount {
            for name in try blobNames(inShard: number) where name > last {
                guard entries.count < limit else {
                    let name = entries.last.map { StoreLayout.blobName($0.objectID) } ?? last
                    return BlobPage(entries: entries, next: BlobCursor(name))
                }
                if let entry = try entry(name) { entries.append(entry) }
            }
        }
        return BlobPage(entries: entries, next: nil)
    }

    /// What is named as a blob of a shard is, in order.
    private func blobNames(inShard number: Int) throws(BlobError) -> [String] {
        let shardName = StoreLayout.shardName(number)
        return try calling { () throws(SystemError) in
            guard try blobs.has(shardName) else { return [] }
            return try blobs.openDirectory(shardName).names().compactMap(\.string)
                .filter { name in
                    StoreLayout.objectID(name).map(StoreLayout.blobName) == name
                        && StoreLayout.shardName(ofBlob: name) == shardName
                }.sorted()
        }
    }

    /// A blob; nil if it was removed since, or what has its name is none.
    private func entry(_ name: String) throws(BlobError) -> BlobEntry? {
        let shardName = StoreLayout.shardName(ofBlob: name)
        let status = try calling { () throws(SystemError) in
            try blobs.openDirectory(shardName).statusIfThere(name)
        }
        guard let status, status.kind == .regular, let objectID = StoreLayout.objectID(name)
        else { return nil }
        return BlobEntry(objectID: objectID, byteCount: status.byteCount)
    }
}
