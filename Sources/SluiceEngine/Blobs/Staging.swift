internal import SluiceNative

/// The directory `staging/`: a file for each put that has begun and not ended, which its writer holds locked.
///
/// It is the record of an intent: while a name is there and nobody holds the file's lock, a put was interrupted,
/// so that opening a store never has to look through all blobs. Thread-safe.
struct Staging: Sendable {
    let directory: Directory

    /// An interrupted put, whose lock is held here until the value goes.
    private struct Abandoned {
        let name: String
        let objectID: [UInt8]
        let isPart: Bool
        let lock: File
    }

    /// Interrupted puts that are settled at once; each takes a descriptor meanwhile.
    private static let recoveryCount = 64

    /// Makes `staging/NAME` and locks it. Between the two, somebody who opens the store may take it
    /// for abandoned and remove it: then it is made again.
    func claim(_ name: String) throws(SystemError) -> File {
        while true {
            let file = try directory.createExclusively(name)
            try file.lock(offset: StoreLayout.writerByte, byteCount: 1, exclusive: true)
            do throws(SystemError) {
                if try directory.status(name).inode == file.status().inode { return file }
            } catch {
                guard error.isNotFound else { throw error }
            }
        }
    }

    /// Settles interrupted puts: those that `findGarbage` names go through `delete`, and then all from here, but for parts
    /// that rows name and that aren't durable.
    func recover(
        _ findGarbage: (_ objectIDs: [[UInt8]]) throws(BlobError) -> Set<[UInt8]>,
        delete: (_ objectIDs: [[UInt8]]) throws(BlobError) -> Void,
        isDurable: (_ objectID: [UInt8]) throws(SystemError) -> Bool
    ) throws(BlobError) {
        var names = try calling { () throws(SystemError) in
            try directory.names().compactMap(\.string).filter {
                StoreLayout.staged($0) != nil
            }
        }[...]
        while !names.isEmpty {
            var abandoned: [Abandoned] = []
            for name in names.prefix(Self.recoveryCount) {
                let lock = try calling { () throws(SystemError) in try lockIfAbandoned(name) }
                guard let lock, let staged = StoreLayout.staged(name) else { continue }
                abandoned.append(
                    Abandoned(
                        name: name, objectID: staged.objectID, isPart: staged.isPart, lock: lock))
            }
            names = names.dropFirst(Self.recoveryCount)
            guard !abandoned.isEmpty else { continue }
            let garbage = try findGarbage(abandoned.map(\.objectID))
            try delete(abandoned.map(\.objectID).filter(garbage.contains))
            try calling { () throws(SystemError) in
                for put in abandoned {
                    if put.isPart, !garbage.contains(put.objectID) {
                        guard try isDurable(put.objectID) else { continue }
                    }
                    try directory.unlinkIfThere(put.name)
                }
            }
            // The locks are held until the names are gone.
            withExtendedLifetime(abandoned) {}
        }
    }

    /// Removes a file whose writer has died; one that isn't there is no error.
    func removeIfAbandoned(_ name: String) throws(SystemError) {
        guard let lock = try lockIfAbandoned(name) else { return }
        try directory.unlinkIfThere(name)
        // Held until the name is gone.
        withExtendedLifetime(lock) {}
    }

    /// The staged file, locked, or nil if its writer lives or has just finished, or if it is none of a put's:
    /// something else that somebody has put there is nothing to fail for.
    private func lockIfAbandoned(_ name: String) throws(SystemError) -> File? {
        do throws(SystemError) {
            guard try directory.status(name).kind == .regular else { return nil }
            let file = try directory.openFile(name, .readWrite)
            guard try file.status().kind == .regular else { return nil }
            return try file.tryLock(offset: StoreLayout.writerByte, byteCount: 1, exclusive: true)
                ? file : nil
        } catch {
            let isForeign = error.isSymbolicLink || error.isDirectory || error.isPermissionDenied
            guard error.isNotFound || isForeign else { throw error }
            return nil
        }
    }
}
