internal import SluiceAccess
internal import SluiceNative

/// The files and directories that a store has open, and whether its names lead to them still.
///
/// A backup that is put back, or a copy that is renamed, can take their place: what is then written is lost,
/// and locks that others take are other locks. Thread-safe.
final class CatalogPlace: Sendable {
    /// Nil in memory.
    private let files: Guarded<OpenedFiles?>

    /// None yet in the store's directory, which is nil in memory.
    init(_ directory: Directory?) throws(StoreError) {
        do throws(SystemError) {
            if let directory {
                files = Guarded(try OpenedFiles(in: directory))
            } else {
                files = Guarded(nil)
            }
        } catch {
            throw StoreError(system: error, "open the store")
        }
    }

    /// Adds what was opened by a name; see ``OpenedFiles``.
    func add(_ name: String, _ status: FileStatus? = nil) throws(StoreError) {
        do throws(SystemError) {
            try files.withLock { files throws(SystemError) in try files?.add(name, status) }
        } catch {
            throw StoreError(system: error, "open the store")
        }
    }

    /// Adds the catalog, with its log and the log's index, which a connection has opened.
    func add(catalogOf connection: Connection) throws(StoreError) {
        guard files.withLock({ $0 != nil }) else { return }
        for name in [StoreLayout.catalog, StoreLayout.catalogLog, StoreLayout.catalogIndex] {
            try add(name)
        }
        // What the name leads to a moment later is what was opened by it.
        guard !connection.hasMoved else { throw Self.replaced(StoreLayout.catalog) }
    }

    /// Throws ``StoreError/Code/replaced`` if a name leads to something else by now, or to nothing.
    func check() throws(StoreError) {
        let path: String?
        do throws(SystemError) {
            path = try files.withLock { files throws(SystemError) in
                try files?.firstReplaced(orMissing: true)
            }
        } catch {
            throw StoreError(system: error, "look for the store's files")
        }
        if let path { throw Self.replaced(path) }
    }

    private static func replaced(_ path: String) -> StoreError {
        StoreError(
            .replaced,
            """
            '\(path)' was exchanged for another or removed while this process had the store open, and \
            nothing more is written or read
            """, about: .file(path), remedies: [.machine(.restartProcesses)])
    }
}
