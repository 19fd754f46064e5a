internal import SluiceFormat
internal import SluiceNative

/// Where a get writes a file: a directory, and a name in it.
struct TargetPath: Sendable {
    private let directory: Directory
    private let name: String
    /// What is there already and is no regular file: it is written to, not replaced.
    let device: File?

    init(_ path: String) throws(StoreError) {
        // As bytes: to a string, a slash and an accent that follows it are another character.
        let start = path.utf8.lastIndex(of: UInt8(ascii: "/")).map(path.utf8.index(after:))
        let name = String(path[(start ?? path.startIndex)...])
        let prefix = String(path[..<(start ?? path.startIndex)])
        guard !name.isEmpty, name != ".", name != ".." else {
            throw StoreError(
                .invalidArgument,
                "'\(path)' is not the path of a file: add the name of the file to write")
        }
        let isDirectory: Bool
        do throws(SystemError) {
            let directory = try Directory.openGuarded(prefix.isEmpty ? "." : prefix)
            guard try directory.isTrustedLink(name) else {
                throw SystemError.symbolicLink(path)
            }
            isDirectory = try directory.isDirectory(name)
            try self.init(directory, name: name, device: Self.device(path))
        } catch {
            if error.isNotFound {
                throw StoreError(
                    .cannotCreate,
                    "can't write to '\(path)': there is no directory '\(prefix)'; make it first, as "
                        + "with `mkdir -p`",
                    cause: error)
            }
            throw StoreError(system: error, "write to", otherwise: .cannotCreate)
        }
        guard !isDirectory else {
            throw StoreError(
                .cannotCreate,
                "can't write to '\(path)': it is a directory; add the name of the file to write in it"
            )
        }
    }

    /// A file in a directory that is open: no link below it is followed.
    init(in directory: Directory, name: String) {
        self.init(directory, name: name, device: nil)
    }

    private init(_ directory: Directory, name: String, device: File?) {
        self.directory = directory
        self.name = name
        self.device = device
    }

    private static func device(_ path: String) throws(SystemError) -> File? {
        do throws(SystemError) {
            let status = try FileSystem.status(path)
            guard status.kind == .pipe || status.kind == .other else { return nil }
            // For writing alone: then a pipe waits for its reader, and ends when the reader goes.
            return try File.open(path, .write)
        } catch {
            guard error.isNotFound else { throw error }
            return nil
        }
    }

    /// Begins the file, without a name where the file system can do that.
    func begin(byteCount: Int) throws(StoreError) -> TargetFile {
        do throws(SystemError) {
            if let unnamed = try directory.createUnnamed() {
                return TargetFile(
                    file: unnamed, directory: directory, name: name, temporaryName: nil)
            }
            let temporary = Self.temporaryName()
            return TargetFile(
                file: try directory.createExclusively(temporary), directory: directory,
                name: name, temporaryName: temporary)
        } catch {
            throw StoreError(system: error, "create", otherwise: .cannotCreate)
        }
    }

    fileprivate static func temporaryName() -> String {
        ".sluice-\(String(UInt64.random(in: .min ... .max), radix: 16))"
    }
}

/// A file that is being written, and appears under its name as a whole.
struct TargetFile: Sendable {
    let file: File
    fileprivate let directory: Directory
    fileprivate let name: String
    fileprivate let temporaryName: String?

    /// Gives the file its name, in place of whatever had it.
    func publish() throws(StoreError) {
        do throws(SystemError) {
            if let temporaryName {
                try directory.replace(name, with: temporaryName, from: nil)
                return
            }
            do throws(SystemError) {
                try file.link(into: directory, name: name)
            } catch {
                guard error.isExists else { throw error }
                // A link never replaces, a rename does.
                let temporary = TargetPath.temporaryName()
                try file.link(into: directory, name: temporary)
                do throws(SystemError) {
                    try directory.replace(name, with: temporary, from: nil)
                } catch {
                    try? directory.unlink(temporary)
                    throw error
                }
            }
        } catch {
            throw StoreError(system: error, "write to", otherwise: .cannotCreate)
        }
    }

    /// Leaves nothing behind.
    func abandon() {
        if let temporaryName { try? directory.unlink(temporaryName) }
    }
}

extension Directory {
    /// Whether a directory has this name: itself, not a link to one.
    fileprivate func isDirectory(_ name: String) throws(SystemError) -> Bool {
        do throws(SystemError) {
            return try status(name).kind == .directory
        } catch {
            guard error.isNotFound else { throw error }
            return false
        }
    }
}
