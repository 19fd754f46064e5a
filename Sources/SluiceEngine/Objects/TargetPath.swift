internal import SluiceAccess
internal import SluiceFormat
internal import SluiceNative

/// Where a get writes a file: a directory, and a name in it.
struct TargetPath: Sendable {
    private let directory: Directory
    private let name: String
    /// What is there already and is no regular file: it is written to, not replaced.
    let output: OutputEntry?

    init(_ path: String) throws(StoreError) {
        // As bytes: to a string, a slash and an accent that follows it are another character.
        let start = path.utf8.lastIndex(of: UInt8(ascii: "/")).map(path.utf8.index(after:))
        let name = String(path[(start ?? path.startIndex)...])
        let prefix = String(path[..<(start ?? path.startIndex)])
        guard !name.isEmpty, name != ".", name != ".." else {
            throw StoreError(
                .invalidArgument, "'\(path)' is not the path of a file", about: .file(path),
                remedies: [.choose(.file)])
        }
        let isDirectory: Bool
        do throws(SystemError) {
            let directory = try Directory.openGuarded(prefix.isEmpty ? "." : prefix)
            isDirectory = try directory.hasDirectory(name)
            let output = try isDirectory ? nil : directory.outputEntry(name)
            if let output, try !output.isTrusted { throw SystemError.foreign(path) }
            self.init(directory, name: name, output: output)
        } catch {
            throw Self.failure(error, path: path, directory: prefix)
        }
        guard !isDirectory else {
            throw StoreError(
                .cannotCreate, "can't write to '\(path)': it is a directory", about: .file(path),
                remedies: [.choose(.file)])
        }
    }

    /// A file in a directory that is open: no link below it is followed.
    init(in directory: Directory, name: String) {
        self.init(directory, name: name, output: nil)
    }

    private init(_ directory: Directory, name: String, output: OutputEntry?) {
        self.directory = directory
        self.name = name
        self.output = output
    }

    private static func failure(
        _ error: SystemError, path: String, directory: String
    ) -> StoreError {
        if error == .foreign(path) {
            return StoreError(
                .cannotCreate,
                """
                can't write to '\(path)': another user has put a pipe or a device there, who would read \
                what is written
                """, about: .file(path),
                remedies: [.other("choose another name, or a directory of your own")], cause: error)
        }
        guard error.isNotFound else {
            let error = error.isSymbolicLink ? .symbolicLink(path) : error
            return StoreError(system: error, "write to", otherwise: .cannotCreate)
        }
        return StoreError(
            .cannotCreate, "can't write to '\(path)': there is no directory '\(directory)'",
            about: .file(path), remedies: [.make(.directory(directory))], cause: error)
    }

    /// Begins the file, without a name where the file system can do that.
    ///
    /// Unless told otherwise, removes what earlier ones have left in the directory that were killed.
    func begin(sweeping: Bool = true) throws(StoreError) -> TargetFile {
        do throws(SystemError) {
            let partial = PartialFiles(directory: directory)
            let file: TargetFile
            if let unnamed = try directory.createUnnamed() {
                file = TargetFile(
                    file: unnamed, directory: directory, name: name, partialName: nil)
            } else {
                let (named, partialName) = try partial.make()
                file = TargetFile(
                    file: named, directory: directory, name: name, partialName: partialName)
            }
            if sweeping { partial.sweep(owner: try file.file.status().ownerID) }
            return file
        } catch {
            throw StoreError(system: error, "create", otherwise: .cannotCreate)
        }
    }
}

/// A file that is being written, and appears under its name as a whole.
struct TargetFile: Sendable {
    let file: File
    fileprivate let directory: Directory
    fileprivate let name: String
    fileprivate let partialName: String?
    /// What it is made before it appears; nil for a file that stays as it was made.
    var wanted: WantedFile?

    /// Gives the file its name, in place of whatever had it.
    func publish() throws(StoreError) {
        do throws(SystemError) {
            try wanted?.apply(to: file)
            if let partialName {
                try directory.replace(name, with: partialName, from: nil)
                return
            }
            do throws(SystemError) {
                try file.link(into: directory, name: name)
            } catch {
                guard error.isExists else { throw error }
                // A link never replaces, a rename does.
                let partialName = try PartialFiles(directory: directory).link(file)
                do throws(SystemError) {
                    try directory.replace(name, with: partialName, from: nil)
                } catch {
                    try? directory.unlink(partialName)
                    throw error
                }
            }
        } catch {
            throw StoreError(system: error, "write to", otherwise: .cannotCreate)
        }
    }

    /// Leaves nothing behind.
    func abandon() {
        if let partialName { try? directory.unlink(partialName) }
    }
}
