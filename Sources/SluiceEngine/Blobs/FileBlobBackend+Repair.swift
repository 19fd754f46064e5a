internal import SluiceNative

/// What a repair looks at and puts right: names that are no blob's, directories that are missing.
extension FileBlobBackend {
    /// Makes directories of blobs that are missing; how many were.
    func makeMissingShards() throws(BlobError) -> Int {
        try calling { () throws(SystemError) in
            var missingCount = 0
            for number in 0..<StoreLayout.shardCount {
                let name = StoreLayout.shardName(number)
                guard try !blobs.has(name) else { continue }
                try blobs.makeDirectory(name)
                missingCount += 1
            }
            if missingCount > 0 { try blobs.sync() }
            return missingCount
        }
    }

    /// A directory of blobs, and all the names in it.
    func shard(_ shardName: String) throws(BlobError) -> (directory: Directory, names: [String]) {
        try calling { () throws(SystemError) in
            let shard = try blobs.openDirectory(shardName)
            return (shard, try shard.names().compactMap(\.string))
        }
    }

    /// The directory that a blob is in, if it is there.
    func shard(of objectID: [UInt8]) throws(BlobError) -> Directory {
        try calling { () throws(SystemError) in
            try shard(ofBlob: StoreLayout.blobName(objectID))
        }
    }
}
