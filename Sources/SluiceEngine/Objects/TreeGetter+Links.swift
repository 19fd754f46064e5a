internal import SluiceAccess
internal import SluiceFormat
internal import SluiceNative

/// How files get the other names that they had.
extension TreeGetter {
    /// Gets the objects that waited for another name of their file, each as a link to that, or by itself where that
    /// isn't the same any more, or can't be linked.
    func getLater(_ links: LinkedGets, into target: TreeTarget, _ others: TreeOthers) {
        let work = others.work
        guard work.goesOn, links.hasLater else { return }
        Crew.run(threads: workers.count) { [self] in
            var target = target
            while work.goesOn, let name = links.nextLater() {
                do throws(StoreError) {
                    let place = try target.place(of: name)
                    let byteCount = try contents.withContent(
                        of: name, in: others.scope.record.name
                    ) { content throws(StoreError) -> Int? in
                        var isWritten = try link(content, to: place, links, others)
                        if isWritten == nil {
                            isWritten = try write(content, to: place, replacing: others).isWritten
                        }
                        return isWritten == true ? content.object.row.byteCount : nil
                    }
                    if let byteCount { work.done(byteCount: byteCount) } else { work.unchanged() }
                } catch {
                    work.failed(name.description, error)
                }
            }
        }
    }

    /// Makes a place another name of the file that was got before; false if it is, nil if it can't be.
    private func link(
        _ content: ObjectContent, to place: TreeTarget.Place, _ links: LinkedGets,
        _ others: TreeOthers
    ) throws(StoreError) -> Bool? {
        guard let file = try content.object.file(), let link = file.link,
            let first = links.first(of: link),
            try contents.linkState(of: content, file) == first.state
        else { return nil }
        var reading = try authorizer.reading(content.object)
        return try access.release(&reading) {
            try? Self.link(first, to: place, others.root) { status in
                // A number that was free again may be another's file.
                status.kind == .regular && status.byteCount == content.object.row.byteCount
                    && status.modified == file.modified
                    && [Environment.userID, file.ownerID].contains(status.ownerID)
            }
        }
    }

    private static func link(
        _ first: LinkedGets.First, to place: TreeTarget.Place, _ root: Directory,
        if isSame: (FileStatus) -> Bool
    ) throws(SystemError) -> Bool {
        let there = try place.directory.statusIfThere(place.name)
        if there?.identity == first.identity { return false }
        let path = Array(Scope.directory(of: first.path))
        guard let source = try TreeSource(root, staysOnFileSystem: false).directory(path) else {
            throw .exchanged(ObjectName.printable(path))
        }
        try PartialFiles(directory: place.directory).link(
            String(decoding: first.path.dropFirst(path.count), as: UTF8.self), in: source,
            first.identity, to: place.name, if: isSame)
        return true
    }
}
