internal import SluiceAccess
package import SluiceNative

/// The store and its vaults as things among others in the file system, which must not become objects of
/// the store or be written over by them. Thread-safe.
final class OwnFiles: Sendable, StoreComponent {
    let context: StoreContext

    init(context: StoreContext) {
        self.context = context
    }

    /// See ``Store/requireForeign(_:)``.
    func requireForeign(_ path: String) throws(StoreError) {
        let own = directories()
        guard !own.isEmpty, let directory = Directory.nearest(to: path) else { return }
        let isOwn = try translated("look above") { () throws(SystemError) in
            try directory.isWithin(own)
        }
        guard !isOwn else {
            throw StoreError(
                .invalidArgument,
                "'\(path)' is in the store's directory or the vaults', which are for their own files",
                about: .file(path), remedies: [.other("name another place")])
        }
    }

    /// Which directories are the store's and the vaults', and those in them, for one of these may be mounted
    /// elsewhere, too.
    func directories() -> Set<FileStatus.Identity> {
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

extension Directory {
    /// The directory at `path`, or the nearest above it that exists.
    package static func nearest(to path: String) -> Directory? {
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
