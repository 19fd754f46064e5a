internal import SluiceNative

/// What the file system promises that holds a directory, or would hold it.
struct FileSystemReport: Encodable {
    let role: String
    let path: String
    let exists: Bool
    /// Nil if it can't be looked at, with the reason.
    let kind: String?
    let freeByteCount: Int?
    let hasUnnamedFiles: Bool?
    let warnings: [String]

    init(role: String, path: String) {
        self.role = role
        self.path = path
        let nearest = Self.nearestDirectory(path)
        exists = nearest == path
        do throws(SystemError) {
            let found = try FileSystem.kind(nearest)
            kind = found.name
            freeByteCount = found.freeByteCount
            hasUnnamedFiles = FileSystem.supportsUnnamedFiles(nearest)
            warnings = Self.warnings(role, found)
        } catch {
            (kind, freeByteCount, hasUnnamedFiles) = (nil, nil, nil)
            warnings = ["the \(role) can't be looked at: \(error.description)"]
        }
    }

    /// For people.
    var text: String {
        guard let kind, let freeByteCount else { return "can't be looked at" }
        let unnamed = hasUnnamedFiles == true ? "O_TMPFILE" : "no O_TMPFILE"
        let there = exists ? "" : ", not made yet"
        return "\(kind), \(Quantity.bytes(freeByteCount)) free, \(unnamed)\(there)"
    }

    private static func warnings(_ role: String, _ kind: FileSystemKind) -> [String] {
        var warnings: [String] = []
        if kind.isRemote {
            warnings.append(
                "the \(role) are on \(kind.name), where locks among machines can't be relied on: "
                    + "use a local file system")
        }
        if kind.reach == .unknown {
            warnings.append(
                "the \(role) are on \(kind.name), of which it isn't known whether locks and shared "
                    + "memory reach everybody who can mount it: if other machines can, use a local "
                    + "file system")
        }
        if kind.name == "tmpfs" || kind.name == "ramfs" {
            warnings.append("the \(role) would be in memory (\(kind.name)), gone after a restart")
        }
        if kind.freeByteCount < 1 << 30 {
            warnings.append(
                "there is little room for the \(role): \(Quantity.bytes(kind.freeByteCount))")
        }
        // A store has 260 directories, and an object of more than 64 KiB is a file of its own.
        if let count = kind.freeFileCount, count < 10_000 {
            warnings.append(
                "only \(count) more files and directories have room where the \(role) are (inodes): "
                    + "remove some, or use a file system with more")
        }
        return warnings
    }

    /// The directory itself, or the one above it that exists.
    private static func nearestDirectory(_ path: String) -> String {
        var path = path
        while (try? FileSystem.exists(path)) != true {
            guard let slash = path.lastIndex(of: "/") else { return "." }
            path = String(path[..<slash])
            if path.isEmpty { return "/" }
        }
        return path
    }
}
