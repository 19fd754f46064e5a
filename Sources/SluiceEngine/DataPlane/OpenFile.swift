internal import SluiceAccess
internal import SluiceNative

/// A file that is open to be put, and what it was before it was read.
struct OpenFile: Sendable {
    let file: File
    /// What the file said of itself when it was opened.
    let status: FileStatus
    /// What errors call it.
    let path: String
    /// Whether `path` is where it was opened, and can be looked up again.
    let isNamed: Bool

    /// Opens a file to be put, or says why it can't be.
    init(_ path: String) throws(StoreError) {
        do throws(SystemError) {
            file = try File.open(path)
            status = try file.status()
        } catch {
            throw StoreError(
                system: error, "put", otherwise: error.isNotFound ? .notFound : .inputOutput)
        }
        guard status.kind != .directory else {
            throw StoreError(
                .invalidArgument, "'\(path)' is a directory", about: .file(path),
                remedies: [.run(.putTree(path))])
        }
        self.path = path
        isNamed = true
    }

    /// Opens a file that a walk has found; errors call it `printable`.
    init(_ entry: TreeEntry, _ printable: String) throws(StoreError) {
        do throws(SystemError) {
            file = try entry.openFile()
            status = try file.status()
        } catch {
            throw StoreError(system: error, "put")
        }
        guard status.kind == .regular else {
            throw StoreError.replaced(printable)
        }
        path = printable
        isNamed = false
    }

    /// Throws ``StoreError/Code/sourceChanged`` if the file, or which file has its path, is no longer as it
    /// was then. The time of a write can be set back, that of a change can't; what neither shows is a write
    /// within one tick of the kernel's clock, or through a mapping whose page was written to before.
    func requireUnchanged() throws(StoreError) {
        let now = try translated("read") { () throws(SystemError) in try file.status() }
        guard now.byteCount == status.byteCount else {
            throw changed(now.byteCount < status.byteCount ? "shrank" : "grew")
        }
        guard now.modified == status.modified else { throw changed("was written to") }
        guard now.changed == status.changed else {
            throw changed("was written to, renamed, or given other permissions")
        }
        guard isNamed else { return }
        let named = try? FileSystem.status(path)
        guard named?.identity == status.identity else { throw changed("was replaced") }
    }

    private func changed(_ how: String) -> StoreError {
        StoreError(
            .sourceChanged, "'\(path)' \(how) while it was read, and nothing was stored",
            about: .file(path), remedies: [.other("put it again when nothing writes to it")])
    }
}

extension StoreError {
    /// That something of a tree isn't what it was.
    static func replaced(_ path: String) -> StoreError {
        StoreError(
            .sourceChanged, "'\(path)' was left out: it was replaced while it was looked at",
            about: .file(path), remedies: [.tryAgain])
    }
}
