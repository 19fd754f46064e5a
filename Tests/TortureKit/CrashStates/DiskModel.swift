internal import SluiceNative

/// What a disk holds for certain, and what may or may not have reached it, as calls are replayed.
///
/// It promises as little as POSIX does. What was written since a file's last `fsync` may be there or not,
/// in any order and in parts; so may names that were made, changed and removed since their directory's.
/// A failed `fsync` leaves what it was to write lost or there, and a later one changes nothing about that:
/// processes go on seeing it, for it is in memory, and a crash shows which it is.
struct DiskModel {
    /// A change that may not have reached the disk.
    struct Change {
        enum What {
            /// A file's bytes, where they are in the log.
            case write(offset: Int, bytes: Range<Int>)
            case truncate(Int)
            case extend(Int)
            /// Names of a directory, all at once; nil takes a name away.
            case names([(name: String, inode: Int?)])
        }

        /// Which record made it.
        let index: Int
        let what: What
        /// Whether `arrived` has it.
        var hasArrived = false

        var isName: Bool {
            if case .names = what { true } else { false }
        }
    }

    struct Inode {
        var isDirectory: Bool
        /// Nobody cares what becomes of its bytes.
        var isUncertain = false
        /// A file's durable bytes, if what failed syncs were to write is lost.
        var bytes: [UInt8] = []
        /// Its durable bytes if that is there; nil if no sync has failed.
        var arrived: [UInt8]?
        /// A directory's durable names.
        var entries: [String: Int] = [:]
        /// A directory's names as processes see them.
        var seen: [String: Int] = [:]
        /// Names whose change was lost, as they are on the disk.
        var lost: [String: Int?] = [:]
        var changes: [Change] = []
    }

    private(set) var inodes: [Inode]
    private var descriptors: [Int: Int] = [:]
    /// The bytes that changes refer to.
    private(set) var log: [UInt8]

    /// A disk on which an image is durable, and the log of what comes.
    init(_ image: DiskImage, log: CallLog) {
        self.log = log.bytes
        inodes = [Inode(isDirectory: true)]
        for path in image.directories { add(Inode(isDirectory: true), at: path) }
        var known: [Int: Int] = [:]
        for file in image.files {
            if let inode = known[file.inode] {
                enter(inode, at: file.path)
            } else {
                known[file.inode] = inodes.count
                add(
                    Inode(
                        isDirectory: false, isUncertain: DiskImage.isUncertain(file.path),
                        bytes: file.bytes), at: file.path)
            }
        }
    }

    private mutating func add(_ inode: Inode, at path: String) {
        inodes.append(inode)
        enter(inodes.count - 1, at: path)
    }

    private mutating func enter(_ inode: Int, at path: String) {
        let (directory, name) = place(path)
        inodes[directory].entries[name] = inode
        inodes[directory].seen[name] = inode
    }

    /// What may not have reached the disk, in the order in which it was done.
    var pending: [(inode: Int, change: Change)] {
        var pending: [(inode: Int, change: Change)] = []
        for (number, inode) in inodes.enumerated() where !inode.isUncertain {
            for change in inode.changes { pending.append((number, change)) }
        }
        return pending.sorted { $0.change.index < $1.change.index }
    }

    // MARK: Replaying

    /// Has another log follow, of a process that came later; returns its records as they are to be replayed.
    mutating func goOn(with next: CallLog) -> [CallLog.Record] {
        let byteCount = log.count
        log += next.bytes
        return next.records.map { $0.moved(by: byteCount) }
    }

    /// Replays a record.
    mutating func apply(_ record: CallLog.Record, index: Int) {
        switch record.kind {
        case .mark: break
        case .open: open(record, index)
        case .write:
            change(record, index, .write(offset: record.offset, bytes: record.bytes))
        case .truncate: change(record, index, .truncate(record.offset))
        case .allocate: change(record, index, .extend(record.offset))
        case .sync: sync(inode(record))
        case .failedSync: lose(inode(record))
        case .syncAll: for number in inodes.indices { sync(number) }
        case .failedSyncAll: for number in inodes.indices { lose(number) }
        case .link:
            let linked = record.descriptor >= 0 ? inode(record) : existing(record.other)
            name([(record.name, linked)], index)
        case .unlink, .removeDirectory: name([(record.name, nil)], index)
        case .rename: name([(record.other, nil), (record.name, existing(record.other))], index)
        case .makeDirectory:
            inodes.append(Inode(isDirectory: true))
            name([(record.name, inodes.count - 1)], index)
        }
    }

    private static let (createFlag, truncateFlag, unnamedFlag) = (0o100, 0o1000, 0o20_000_000)

    private mutating func open(_ record: CallLog.Record, _ index: Int) {
        if record.flags & Self.unnamedFlag != 0 {
            inodes.append(Inode(isDirectory: false))
            descriptors[record.descriptor] = inodes.count - 1
            return
        }
        if let inode = find(record.name) {
            descriptors[record.descriptor] = inode
            if record.flags & Self.truncateFlag != 0 { change(record, index, .truncate(0)) }
            return
        }
        precondition(record.flags & Self.createFlag != 0, "'\(record.name)' came from nowhere")
        inodes.append(
            Inode(isDirectory: false, isUncertain: DiskImage.isUncertain("/\(record.name)")))
        descriptors[record.descriptor] = inodes.count - 1
        name([(record.name, inodes.count - 1)], index)
    }

    private mutating func change(
        _ record: CallLog.Record, _ index: Int, _ what: Change.What
    ) {
        inodes[inode(record)].changes.append(Change(index: index, what: what))
    }

    /// Changes names, which are in one directory.
    private mutating func name(_ changed: [(path: String, inode: Int?)], _ index: Int) {
        let places = changed.map { place($0.path) }
        let directory = places[0].directory
        precondition(places.allSatisfy { $0.directory == directory }, "a move between directories")
        for (place, change) in zip(places, changed) {
            inodes[directory].seen[place.name] = change.inode
            inodes[directory].lost[place.name] = nil
        }
        let names = zip(places, changed).map { (name: $0.name, inode: $1.inode) }
        inodes[directory].changes.append(Change(index: index, what: .names(names)))
    }

    private mutating func sync(_ number: Int) {
        if inodes[number].isDirectory {
            var entries = inodes[number].seen
            for (name, inode) in inodes[number].lost { entries[name] = inode }
            inodes[number].entries = entries
        } else {
            if inodes[number].arrived != nil { inodes[number].arrived = arrivedBytes(of: number) }
            var bytes: [UInt8] = []
            swap(&bytes, &inodes[number].bytes)
            for change in inodes[number].changes { Self.apply(change.what, to: &bytes, log) }
            inodes[number].bytes = bytes
        }
        inodes[number].changes = []
    }

    private mutating func lose(_ number: Int) {
        for change in inodes[number].changes {
            guard case .names(let names) = change.what else { continue }
            for (name, _) in names {
                inodes[number].lost[name] = .some(inodes[number].entries[name])
            }
        }
        guard !inodes[number].isDirectory else {
            inodes[number].changes = []
            return
        }
        inodes[number].arrived = arrivedBytes(of: number)
        inodes[number].changes = inodes[number].changes.compactMap { change in
            var change = change
            change.hasArrived = true
            // The length is the directory's business, so to speak: only bytes are lost for good.
            switch change.what {
            case .truncate, .extend: return change
            case .write, .names: return nil
            }
        }
    }

    // MARK: Bytes and names

    /// Applies a change to a file's bytes.
    static func apply(_ what: Change.What, to bytes: inout [UInt8], _ log: [UInt8]) {
        switch what {
        case .write(let offset, let range):
            extend(&bytes, to: offset + range.count)
            var span = bytes.mutableSpan
            span.withPart(offset..<offset + range.count) { part in
                part.copyPrefix(of: log.span.extracting(range))
            }
        case .truncate(let byteCount):
            if byteCount < bytes.count { bytes.removeLast(bytes.count - byteCount) }
            extend(&bytes, to: byteCount)
        case .extend(let byteCount): extend(&bytes, to: byteCount)
        case .names: preconditionFailure("a file has no names in it")
        }
    }

    private static func extend(_ bytes: inout [UInt8], to byteCount: Int) {
        guard byteCount > bytes.count else { return }
        bytes += [UInt8](repeating: 0, count: byteCount - bytes.count)
    }

    private func inode(_ record: CallLog.Record) -> Int {
        guard let inode = descriptors[record.descriptor] else {
            preconditionFailure("descriptor \(record.descriptor) was not opened")
        }
        return inode
    }

    private func existing(_ path: String) -> Int {
        guard let inode = find(path) else { preconditionFailure("there is no '\(path)'") }
        return inode
    }

    /// What processes find at a path.
    private func find(_ path: String) -> Int? {
        var inode = 0
        for name in path.split(separator: "/") {
            guard let next = inodes[inode].seen[String(name)] else { return nil }
            inode = next
        }
        return inode
    }

    private func place(_ path: String) -> (directory: Int, name: String) {
        guard let slash = path.lastIndex(of: "/") else { return (0, path) }
        return (existing(String(path[..<slash])), String(path[path.index(after: slash)...]))
    }
}
