internal import SluiceAccess
internal import SluiceNative

/// The store and its vaults as things among others in the file system, which must not become objects of
/// the store or be written over by them.
extension Store {
    /// Throws ``StoreError/Code/invalidArgument`` if something that exists at `path`, or would be made there,
    /// is in the store's directory or the vaults': by what those are, whatever path leads there.
    package func requireForeign(_ path: String) throws(StoreError) {
        let own = ownDirectories()
        guard !own.isEmpty, let directory = Directory.nearest(to: path) else { return }
        let isOwn: Bool
        do throws(SystemError) {
            isOwn = try directory.isWithin(own)
        } catch {
            throw StoreError(system: error, "look above")
        }
        guard !isOwn else {
            throw StoreError(
                .invalidArgument,
                "'\(path)' is in the store's directory or the vaults', which are for their own files: "
                    + "name another place")
        }
    }

    /// Which directories are the store's and the vaults', and those in them, for one of these may be mounted
    /// elsewhere, too.
    func ownDirectories() -> Set<FileStatus.Identity> {
        var found: Set<FileStatus.Identity> = []
        for path in [files?.path, keyService.path].compactMap({ $0 }) {
            guard let directory = try? Directory.open(path) else { continue }
            if let status = try? directory.status() { found.insert(status.identity) }
            for name in (try? directory.names()) ?? [] {
                guard let name = name.string, let status = try? directory.status(name),
                    status.kind == .directory
                else { continue }
                found.insert(status.identity)
            }
        }
        return found
    }
}

extension StoreLocation {
    /// Throws ``StoreError/Code/invalidArgument`` if the store and the vaults are one directory, or one is in
    /// the other: each takes what is in its directory for its own.
    package func requireApart() throws(StoreError) {
        let isApart: Bool
        do throws(SystemError) {
            let isStoreInVaults = try Self.isWithin(store, vaults)
            let areVaultsInStore = try Self.isWithin(vaults, store)
            isApart = !isStoreInVaults && !areVaultsInStore
        } catch {
            throw StoreError(system: error, "look above")
        }
        guard isApart else {
            throw StoreError(
                .invalidArgument,
                "the store '\(store)' and the vaults '\(vaults)' must not be one directory, nor one in the "
                    + "other: name two places")
        }
    }

    /// Whether `path` is, or would be, at or below `other`: by what they are where that is there, and else
    /// by how they are written.
    private static func isWithin(_ path: String, _ other: String) throws(SystemError) -> Bool {
        if let other = try? Directory.open(other) {
            guard let directory = Directory.nearest(to: path) else { return false }
            return try directory.isWithin([other.status().identity])
        }
        let parts = [path, other].map { text in
            text.utf8.split(separator: UInt8(ascii: "/")).map(Array.init).filter { $0 != [0x2E] }
        }
        return (path.utf8.first == UInt8(ascii: "/")) == (other.utf8.first == UInt8(ascii: "/"))
            && parts[0].starts(with: parts[1])
    }
}

extension Directory {
    /// The directory at `path`, or the nearest above it that exists.
    fileprivate static func nearest(to path: String) -> Directory? {
        var path = path
        while true {
            if let directory = try? Directory.open(path.isEmpty ? "." : path) { return directory }
            // As bytes: to a string, a slash and an accent that follows it are another character.
            var bytes = Array(path.utf8)
            while bytes.last == UInt8(ascii: "/") { bytes.removeLast() }
            guard !bytes.isEmpty else { return nil }
            let slash = bytes.lastIndex(of: UInt8(ascii: "/"))
            bytes.removeSubrange((slash.map { $0 + 1 } ?? 0)...)
            path = String(decoding: bytes, as: UTF8.self)
        }
    }
}
