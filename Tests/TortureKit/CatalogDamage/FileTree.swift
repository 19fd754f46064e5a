internal import SluiceAccess
internal import SluiceNative
internal import SluiceVault

/// The files of a home, in memory: written out, they are the home again.
struct FileTree {
    /// Paths relative to the home, and bytes, in order of paths.
    private(set) var files: [(path: String, bytes: [UInt8])] = []
    private var directories: [String] = []

    /// No files.
    init() {}

    /// Reads every file and directory below a path.
    init(_ root: String) throws {
        try read(Directory.open(root), "")
    }

    private mutating func read(_ directory: Directory, _ path: String) throws {
        for name in try directory.names().compactMap(\.string).sorted() {
            let child = path.isEmpty ? name : "\(path)/\(name)"
            if try directory.status(name).kind == .directory {
                directories.append(child)
                try read(directory.openDirectory(name), child)
            } else {
                files.append((child, try readFile("\(directory.path)/\(name)")))
            }
        }
    }

    /// Paths of files whose names end in `suffix`.
    func paths(_ suffix: String) -> [String] {
        files.map(\.path).filter { $0.hasSuffix(suffix) }
    }

    /// Changes a file's bytes.
    mutating func change(_ path: String, _ body: (inout [UInt8]) -> Void) {
        guard let index = files.firstIndex(where: { $0.path == path }) else { return }
        body(&files[index].bytes)
    }

    /// Leaves out what comes of an open store, and shards without a blob, which take long to make.
    mutating func trim() {
        files.removeAll { $0.path.hasSuffix("-shm") || $0.path.hasSuffix("operations.log") }
        let used = files.map(\.path)
        directories.removeAll { path in
            path.contains("/blobs/") && !used.contains { $0.hasPrefix("\(path)/") }
        }
    }

    /// Writes everything below a directory that is new.
    func write(to root: String) throws {
        try FileSystem.makeDirectories(root)
        for path in directories { try FileSystem.makeDirectories("\(root)/\(path)") }
        for (path, bytes) in files {
            try File.createExclusively("\(root)/\(path)").write(bytes.span, at: 0)
        }
        do throws(VaultError) {
            _ = try ReadBarrier.adopt(directoryPath: "\(root)/vaults", isQuiet: true)
        } catch {
            // Where the barrier is what was damaged, it is refused as it was before it was copied.
            guard error.code == .damaged else { throw error }
        }
    }
}
