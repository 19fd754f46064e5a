internal import SluiceAccess
internal import SluiceFormat
internal import SluiceNative

/// What a directory has that isn't among the objects below a prefix: what a get that makes both the same removes.
///
/// What is excluded is none of it, nor what is mounted within the directory, nor the store's own files.
struct TreeOthers {
    let getter: TreeGetter
    let scope: Scope
    let prefix: String
    let root: Directory
    let options: TreeGetOptions
    let work: TreeWork

    /// Throws if there is more of it than the directory and the store have in common, counted in files: then it is
    /// hardly a directory that was got.
    func checkFew(in path: String) throws(StoreError) {
        var (count, commonCount) = (0, 0)
        let entries = SharedWalk(try walk())
        while work.goesOn, let entry = entries.next(work) {
            guard entry.kind != .directory, Self.isRemovable(entry) else { continue }
            if try isStored(entry.pathBytes) { commonCount += 1 } else { count += 1 }
        }
        guard count > commonCount else { return }
        try release()
        let common = commonCount == 0 ? "none" : "no more than \(commonCount)"
        throw StoreError(
            .invalidArgument,
            """
            of what is in '\(path)', \(count) would be removed, and \(common) would stay; nothing was got or removed
            """, about: .file(path), remedies: [.choose(.removingAll)])
    }

    /// Notes what would be removed, but for directories.
    func note() throws(StoreError) {
        try each { entry throws(StoreError) in
            guard entry.kind != .directory, try !isStored(entry.pathBytes) else { return }
            work.removed(ObjectName.printable(entry.pathBytes))
        }
    }

    /// Removes it, and notes what has gone.
    func remove() throws(StoreError) {
        try each { entry throws(StoreError) in try remove(entry, below: []) }
    }

    /// Removes a directory that stands where a file belongs, if all that is in it may go; whether it is gone.
    func remove(directory name: String, in place: Directory, path: [UInt8]) throws(StoreError)
        -> Bool
    {
        let above = path + [UInt8(ascii: "/")]
        let entries = SharedWalk(
            try translated("look through the directory") { () throws(SystemError) in
                try walk(place.openDirectory(name), above: above)
            })
        while work.goesOn, let entry = entries.next(work) {
            if Self.isRemovable(entry) { try remove(entry, below: above) }
        }
        do throws(SystemError) {
            try place.removeDirectory(name)
            work.removed(ObjectName.printable(above))
            return true
        } catch {
            guard !error.isNotEmpty else { return false }
            throw StoreError(system: error, "remove")
        }
    }

    private func each(_ body: (TreeEntry) throws(StoreError) -> Void) throws(StoreError) {
        try release()
        let entries = SharedWalk(try walk())
        while work.goesOn, let entry = entries.next(work) {
            guard Self.isRemovable(entry) else { continue }
            do throws(StoreError) {
                try body(entry)
            } catch {
                work.failed(ObjectName.printable(entry.pathBytes), error)
            }
        }
    }

    private func walk() throws(StoreError) -> sending TreeWalk {
        try translated("look through the directory") { () throws(SystemError) in
            try walk(root, above: [])
        }
    }

    /// A walk through a directory with this path, which ends with `/` or is empty.
    private func walk(
        _ directory: Directory, above: [UInt8]
    ) throws(SystemError) -> sending TreeWalk {
        let excluded = options.excluded
        return try TreeWalk(
            directory,
            TreeWalk.Options(
                leftOut: getter.ownFiles.directories(), reportsDirectories: true,
                staysOnFileSystem: true,
                isPassedOver: { path, isDirectory in
                    excluded.match(above + path, isDirectory: isDirectory)
                }))
    }

    private func remove(_ entry: TreeEntry, below above: [UInt8]) throws(StoreError) {
        var path = above + entry.pathBytes
        if entry.kind == .directory { path.append(UInt8(ascii: "/")) }
        guard try !isStored(path) else { return }
        do throws(SystemError) {
            try entry.remove()
        } catch {
            // There is something in it that stays, or it has gone by itself.
            guard !error.isNotEmpty, !error.isNotFound else { return }
            throw StoreError(system: error, "remove")
        }
        work.removed(ObjectName.printable(path))
    }

    private static func isRemovable(_ entry: TreeEntry) -> Bool {
        let path = entry.pathBytes
        return entry.hasPlace
            && !PartialFiles.isPartial(path.dropFirst(Scope.directory(of: path).count))
    }

    /// Whether there is an object of a path; that of a directory ends with `/`.
    private func isStored(_ path: [UInt8]) throws(StoreError) -> Bool {
        try getter.finder.row(Array(prefix.utf8) + path, in: scope) != nil
    }

    /// Lets somebody know what the scope has, through the gate.
    private func release() throws(StoreError) {
        var reading = try getter.authorizer.reading(scope)
        try getter.access.release(&reading) {}
    }
}

extension ObjectFinder {
    /// The row of an object, if it has a name that one can have.
    func row(
        _ name: [UInt8], in scope: Scope
    ) throws(StoreError) -> (name: ObjectName, row: ObjectRow)? {
        guard let name = try? ObjectName(utf8: name) else { return nil }
        let tag = try tag(of: name, in: scope)
        let row = try catalog.object(scope: scope.record.rowID, tag: tag)
        return row.map { (name, $0) }
    }
}
