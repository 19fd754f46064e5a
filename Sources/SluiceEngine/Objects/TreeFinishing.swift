internal import SluiceAccess
internal import SluiceFormat
internal import SluiceNative

/// What is left to do of a get of a tree when all that is in its directories is there: what isn't in the store is
/// removed, if that is asked for, and the directories get the modes and times that they had.
struct TreeFinishing {
    let others: TreeOthers

    private var getter: TreeGetter { others.getter }
    private var scope: Scope { others.scope }
    private var options: TreeGetOptions { others.options }
    private var work: TreeWork { others.work }

    func run(restoresRoot: Bool) throws(StoreError) {
        // What couldn't be read must not look like what isn't there.
        if options.removesOthers, work.goesOn {
            if work.isWhole { try others.remove() } else { work.keepsOthers() }
        }
        if work.goesOn { try restoreDirectories(restoresRoot) }
    }

    // MARK: Directories

    private struct Level {
        var walk: DirectoryWalk
        var directories: [[UInt8]] = []
    }

    /// One after the other, and each behind those in it: as many are held as there are above one another.
    private func restoreDirectories(_ restoresRoot: Bool) throws(StoreError) {
        let source = try translated("look at the directory") { () throws(SystemError) in
            try TreeSource(others.root, staysOnFileSystem: false)
        }
        let top = Array(others.prefix.utf8)
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
        let relative = Array(path.dropFirst(others.prefix.utf8.count))
        guard !options.excluded.matchBelow(relative),
            let (name, row) = try getter.finder.row(path, in: scope)
        else { return }
        let object = try getter.finder.authenticate(row, name: name, in: scope)
        guard let file = try object.file(), file.kind == .directory else { return }
        let wanted = WantedFile(object, file, options)
        var reading = try getter.authorizer.reading(object)
        try getter.access.release(&reading) { () throws(StoreError) in
            guard changes else { return work.unchanged() }
            do throws(SystemError) {
                guard let directory = try source.directory(relative) else { return }
                if try wanted.isDirectory(directory) { return work.unchanged() }
                try wanted.apply(to: directory)
                work.done(byteCount: 0)
                if let refusal = wanted.refusal(of: name) {
                    work.failed(name.description, refusal)
                }
            } catch {
                throw StoreError(system: error, "restore")
            }
        }
    }
}
