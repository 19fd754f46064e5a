internal import SluiceAccess
internal import SluiceNative

/// A directory that a store is copied to. It is made aside, as `NAME.unfinished-…` beside the one it is to be,
/// and gets its name when all of it is there and durable: what has the name is whole, and of two that are made
/// under one name at once one is. Nothing else is ever removed or replaced but an empty directory.
///
/// What is aside has no `catalog.db`, so that nothing takes it for a store.
struct BackupTarget {
    let directory: Directory
    /// Where the catalog is to be made.
    let draftCatalogPath: String

    private let path: String
    private let parent: Directory
    private let name: String
    private let asideName: String
    /// Whether an empty directory had the name when this began, in whose place it is put if it is empty still.
    private let replacesEmpty: Bool
    /// Says that its maker lives.
    private let lock: File

    private static let suffixByteCount = 8

    /// Makes the directory aside, and removes what those left there who began the same and died.
    ///
    /// With `givesToOwner`, it belongs to the owner of the directory that it is in, should root make it. Throws
    /// ``StoreError/Code/alreadyExists`` if `path` is anything but an empty directory.
    static func make(
        _ path: String, givesToOwner: Bool
    ) throws(StoreError) -> BackupTarget {
        do throws(SystemError) {
            let (parent, name) = try place(path, givesToOwner: givesToOwner)
            guard let replacesEmpty = try isEmptyDirectory(name, in: parent) else {
                throw SystemError.exists(path)
            }
            removeAbandoned(name, in: parent)
            let number = (0..<suffixByteCount).map { _ in UInt8.random(in: .min ... .max) }
            let asideName = prefix(of: name) + String(hexadecimal: number)
            try parent.makeDirectory(asideName)
            let directory = try parent.openDirectory(asideName)
            // Locked before it has its name, by which others tell whether its maker lives.
            let lock = try directory.createExclusively(StoreLayout.unlockedLock)
            _ = try lock.tryLock(
                offset: StoreLayout.LockByte.presence, byteCount: 1, exclusive: false)
            try directory.rename(StoreLayout.unlockedLock, to: StoreLayout.lock)
            _ = try directory.createExclusively(StoreLayout.unfinishedCatalog)
            let realPath = try FileSystem.realPath(directory.path)
            return BackupTarget(
                directory: directory,
                draftCatalogPath: "\(realPath)/\(StoreLayout.unfinishedCatalog)",
                path: path, parent: parent, name: name, asideName: asideName,
                replacesEmpty: replacesEmpty, lock: lock)
        } catch {
            throw failure(error, path)
        }
    }

    /// Gives it its name: it is whole. Throws ``StoreError/Code/alreadyExists`` if another has that by now.
    func publish() throws(StoreError) {
        do throws(SystemError) {
            try directory.rename(StoreLayout.unfinishedCatalog, to: StoreLayout.catalog)
            try directory.sync()
            if replacesEmpty {
                try parent.replace(name, with: asideName)
            } else {
                try parent.rename(asideName, to: name)
            }
            try parent.sync()
        } catch {
            throw Self.failure(error, path)
        }
    }

    /// Removes it, unless it was published.
    func discard() {
        try? FileSystem.remove(tree: "\(parent.path)/\(asideName)")
    }

    // MARK: Names

    private static func prefix(of name: String) -> String { "\(name).unfinished-" }

    /// The directory that it is to be in, which is made, and its name there.
    private static func place(
        _ path: String, givesToOwner: Bool
    ) throws(SystemError) -> (Directory, String) {
        var text = path
        while text.utf8.count > 1, text.utf8.last == UInt8(ascii: "/") { text.removeLast() }
        var isLink = false
        if try FileSystem.exists(text) {
            isLink = try FileSystem.status(text, followLinks: false).kind == .symbolicLink
        }
        let last = text.split(separator: "/").last
        if isLink || last == nil || last == "." || last == ".." {
            // Refused if somebody else has made the link.
            _ = try Directory.openGuarded(text)
            text = try FileSystem.realPath(text)
        }
        let name = text.split(separator: "/").last.map(String.init) ?? ""
        var parent = String(text.dropLast(name.count))
        if parent.isEmpty { parent = "." }
        try FileSystem.makeDirectories(parent, isDurable: true, givesToOwner: givesToOwner)
        return (try Directory.openGuarded(parent, givesToOwner: givesToOwner), name)
    }

    /// Whether there is an empty directory of this name, or nothing; nil if there is anything else.
    private static func isEmptyDirectory(
        _ name: String, in parent: Directory
    ) throws(SystemError) -> Bool? {
        guard let found = try parent.statusIfThere(name) else { return false }
        guard found.kind == .directory else { return nil }
        return try parent.openDirectory(name).names().isEmpty ? true : nil
    }

    /// Removes what is aside and whose maker has died; what can't be removed stays.
    private static func removeAbandoned(_ name: String, in parent: Directory) {
        let prefix = prefix(of: name)
        for found in (try? parent.names().compactMap(\.string)) ?? [] {
            let suffix = found.dropFirst(prefix.count)
            guard found.hasPrefix(prefix),
                [UInt8](hexadecimal: String(suffix))?.count == suffixByteCount,
                let directory = try? parent.openDirectory(found),
                let lock = try? directory.openFile(StoreLayout.lock, .readWrite),
                (try? lock.tryLock(
                    offset: StoreLayout.LockByte.presence, byteCount: 1, exclusive: true)) == true
            else { continue }
            try? FileSystem.remove(tree: "\(parent.path)/\(found)")
        }
    }

    private static func failure(_ error: SystemError, _ path: String) -> StoreError {
        if error.isExists || error.isNotEmpty {
            return StoreError(
                .alreadyExists, "'\(path)' is not empty, and is not written over",
                about: .file(path),
                remedies: [.choose(.newDirectory)], cause: error)
        }
        if error.isPermissionDenied || error.isInUse {
            return StoreError(
                .cannotCreate,
                """
                can't make '\(path)', which takes the right to write in the directory above it, on the \
                same file system: \(error.reason)
                """, about: .file(path), remedies: [.choose(.newDirectory)], cause: error)
        }
        return StoreError(system: error, "create", otherwise: .cannotCreate)
    }
}
