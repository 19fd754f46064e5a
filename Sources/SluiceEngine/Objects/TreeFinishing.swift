internal import SluiceAccess
internal import SluiceFormat
internal import SluiceNative

/// What is left to do of a get of a tree when all that is in its directories is there: what isn't in the store is
/// removed, if that is asked for, and the directories get the modes and times that they had.
struct TreeFinishing {
    let getter: TreeGetter
    let scope: Scope
    let prefix: String
    let root: Directory
    let options: TreeGetOptions
    let work: TreeWork

    func run(restoresRoot: Bool) throws(StoreError) {
        // What couldn't be read must not look like what isn't there.
        if options.removesOthers, work.goesOn, work.isWhole {
            var reading = try getter.authorizer.reading(scope)
            try getter.access.release(&reading) {}
            try removeOthers()
        }
        if work.goesOn { try restoreDirectories(restoresRoot) }
    }

    /// The row of an object, if it has a name that one can have.
    private func row(_ name: [UInt8]) throws(StoreError) -> (name: ObjectName, row: ObjectRow)? {
        guard let name = try? ObjectName(utf8: name) else { return nil }
        let tag = try getter.finder.tag(of: name, in: scope)
        let row = try getter.catalog.object(scope: scope.record.rowID, tag: tag)
        return row.map { (name, $0) }
    }

    // MARK: What isn't in the store

    private func removeOthers() throws(StoreError) {
        let excluded = options.excluded
        let walk = try translated("look through the directory") { () throws(SystemError) in
            try TreeWalk(
                root,
                TreeWalk.Options(
                    leftOut: getter.ownFiles.directories(), reportsDirectories: true,
                    staysOnFileSystem: true,
                    isPassedOver: { path, isDirectory in
                        excluded.match(path, isDirectory: isDirectory)
                    }))
        }
        let entries = SharedWalk(walk)
        while work.goesOn, let entry = entries.next(work) {
            do throws(StoreError) {
                try removeIfOther(entry)
            } catch {
                work.failed(ObjectName.printable(entry.pathBytes), error)
            }
        }
    }

    private func removeIfOther(_ entry: TreeEntry) throws(StoreError) {
        var path = entry.pathBytes
        let name = path.dropFirst(Scope.directory(of: path).count)
        guard entry.hasPlace, !PartialFiles.isPartial(name) else { return }
        if entry.kind == .directory { path.append(UInt8(ascii: "/")) }
        guard try row(Array(prefix.utf8) + path) == nil else { return }
        do throws(SystemError) {
            try entry.remove()
        } catch {
            // There is something in it that stays, or it has gone by itself.
            guard !error.isNotEmpty, !error.isNotFound else { return }
            throw StoreError(system: error, "remove")
        }
        work.removed(ObjectName.printable(path))
    }

    // MARK: Directories

    private struct Level {
        var walk: DirectoryWalk
        var directories: [[UInt8]] = []
    }

    /// One after the other, and each behind those in it: as many are held as there are above one another.
    private func restoreDirectories(_ restoresRoot: Bool) throws(StoreError) {
        let source = try translated("look at the directory") { () throws(SystemError) in
            try TreeSource(root, staysOnFileSystem: false)
        }
        let top = Array(prefix.utf8)
        var levels = [Level(walk: try DirectoryWalk(top, in: scope, getter.catalog))]
        while work.goesOn, let index = levels.indices.last {
            if levels[index].directories.isEmpty {
                levels[index].directories = try levels[index].walk.nextDirectories()
            }
            if let path = levels[index].directories.popLast() {
                levels.append(Level(walk: try DirectoryWalk(path, in: scope, getter.catalog)))
                continue
            }
            let path = levels.removeLast().walk.path
            do throws(StoreError) {
                try restore(path, in: source, changes: index > 0 || restoresRoot)
            } catch {
                // What is damaged was told when it was read.
                if error.code != .integrity { work.failed(ObjectName.printable(path), error) }
            }
        }
    }

    private func restore(
        _ path: [UInt8], in source: TreeSource, changes: Bool
    ) throws(StoreError) {
        let relative = Array(path.dropFirst(prefix.utf8.count))
        guard !options.excluded.matchBelow(relative), let (name, row) = try row(path) else {
            return
        }
        let object = try getter.finder.authenticate(row, name: name, in: scope)
        guard let file = try object.file(), file.kind == .directory else { return }
        let wanted = WantedFile(object, file, options)
        var reading = try getter.authorizer.reading(object)
        try getter.access.release(&reading) { () throws(StoreError) in
            guard changes else { return work.unchanged() }
            do throws(SystemError) {
                guard let directory = try source.directory(relative) else { return }
                if try wanted.isAs(directory.status()) { return work.unchanged() }
                try wanted.apply(to: directory)
                work.done(byteCount: 0)
            } catch {
                throw StoreError(system: error, "restore")
            }
        }
    }
}
