internal import TestSupport

extension DiskModel {
    /// What becomes of a change that was not made durable, in a crash.
    enum Fate: Equatable {
        case kept
        case dropped
        /// Of a write, some of the units of so many bytes that it touches; whole for anything else.
        case torn(unit: Int, seed: UInt64)
    }

    /// The disk after a crash in which each change met the fate that is asked for, and what failed syncs were
    /// to write is there or not.
    func image(failedSyncsArrived: Bool, _ fate: (Int, Change) -> Fate) -> DiskImage {
        var image = DiskImage()
        var contents: [Int: [UInt8]] = [:]
        add(directory: 0, at: "", to: &image, &contents, failedSyncsArrived, fate)
        return image
    }

    /// The disk as processes see it now.
    var seenImage: DiskImage { image(failedSyncsArrived: true) { _, _ in .kept } }

    private func add(
        directory: Int, at prefix: String, to image: inout DiskImage,
        _ contents: inout [Int: [UInt8]], _ failedSyncsArrived: Bool,
        _ fate: (Int, Change) -> Fate
    ) {
        let entries = entries(of: directory, fate)
        for (name, inode) in entries.sorted(by: { $0.key < $1.key }) {
            let path = prefix + name
            if inodes[inode].isDirectory {
                image.directories.append(path)
                add(
                    directory: inode, at: "\(path)/", to: &image, &contents, failedSyncsArrived,
                    fate)
            } else {
                let bytes =
                    contents[inode]
                    ?? self.bytes(of: inode, failedSyncsArrived: failedSyncsArrived, fate)
                contents[inode] = bytes
                image.files.append(.init(path: path, inode: inode, bytes: bytes))
            }
        }
    }

    private func entries(of directory: Int, _ fate: (Int, Change) -> Fate) -> [String: Int] {
        var entries = inodes[directory].entries
        var untouchable: Set<String> = []
        for change in inodes[directory].changes {
            guard case .names(let names) = change.what else { continue }
            // What follows from a change that was dropped can't be there either.
            let isKept =
                names.allSatisfy { !untouchable.contains($0.name) }
                && fate(directory, change) != .dropped
            for (name, inode) in names {
                if isKept { entries[name] = inode } else { untouchable.insert(name) }
            }
        }
        return entries
    }

    /// A file's bytes as processes see them.
    func arrivedBytes(of file: Int) -> [UInt8] {
        bytes(of: file, failedSyncsArrived: true) { _, _ in .kept }
    }

    /// A file's bytes after such a crash.
    private func bytes(
        of file: Int, failedSyncsArrived: Bool, _ fate: (Int, Change) -> Fate
    ) -> [UInt8] {
        let arrived = failedSyncsArrived ? inodes[file].arrived : nil
        var bytes = arrived ?? inodes[file].bytes
        for change in inodes[file].changes where arrived == nil || !change.hasArrived {
            switch inodes[file].isUncertain ? .kept : fate(file, change) {
            case .kept: Self.apply(change.what, to: &bytes, log)
            case .dropped: break
            case .torn(let unit, let seed):
                for part in Self.parts(of: change.what, unit: unit, seed: seed) {
                    Self.apply(part, to: &bytes, log)
                }
            }
        }
        return bytes
    }

    /// The parts of a write that arrived: whole units, where the disk has its borders.
    private static func parts(
        of what: Change.What, unit: Int, seed: UInt64
    ) -> [Change.What] {
        guard case .write(let offset, let range) = what else { return [what] }
        var random = Randomness(seed: seed)
        var parts: [Change.What] = []
        var begin = offset
        let end = offset + range.count
        // Half of the time what arrived is a beginning.
        let isPrefix = random.once(in: 2)
        let cut = Int.random(in: offset...end, using: &random)
        while begin < end {
            let next = min(end, (begin / unit + 1) * unit)
            let isThere = isPrefix ? next <= cut : random.once(in: 2)
            if isThere {
                let first = range.lowerBound + begin - offset
                parts.append(.write(offset: begin, bytes: first..<first + next - begin))
            }
            begin = next
        }
        return parts
    }
}
