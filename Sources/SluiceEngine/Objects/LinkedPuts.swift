internal import SluiceFormat
internal import SluiceNative
internal import Synchronization

/// The files with several names of a tree that is put, in three passes: a name that is in the store unchanged is the
/// first of its file; where none is, one is put; the others share its bytes. As much is held as there are such names.
/// Thread-safe.
final class LinkedPuts: Sendable {
    /// What is known of a file, by the name that was put first.
    struct First: Sendable {
        let name: ObjectName
        /// What it was when it was opened by that name.
        let status: FileStatus
        /// What is noted of it.
        let file: FileProperties

        /// Whether a file is still what it was then. The time of a write can be set back, that of a change can't.
        func isStill(_ other: FileStatus) -> Bool {
            (status.byteCount, status.modified, status.changed)
                == (other.byteCount, other.modified, other.changed)
        }
    }

    /// What is done with such files in a pass; what it isn't done with waits for the next.
    enum Pass: CaseIterable {
        /// Those that are in the store unchanged are looked for, with all other files.
        case stored
        /// One name is put of each file that has none there.
        case firsts
        /// The others are put.
        case others
    }

    private struct State {
        var names: [FileStatus.Identity: ObjectName] = [:]
        var firsts: [FileStatus.Identity: First] = [:]
        /// The paths that wait, and those whose turn it is.
        var later: [[UInt8]] = []
        var current: [[UInt8]] = []
    }

    private let state = Mutex(State())

    /// Whether a name of a file is the first that is met.
    func isFirst(_ name: ObjectName, of file: FileStatus.Identity) -> Bool {
        state.withLock { state in
            if let first = state.names[file] { return first == name }
            state.names[file] = name
            return true
        }
    }

    /// Lets another name of a file be the first.
    func yield(_ file: FileStatus.Identity) {
        state.withLock { state in
            state.names[file] = nil
            state.firsts[file] = nil
        }
    }

    /// Notes what is put of a file by its first name.
    func note(_ first: First) {
        state.withLock { $0.firsts[first.status.identity] = first }
    }

    /// What was put of a file; nil if nothing was.
    func first(of file: FileStatus.Identity) -> First? {
        state.withLock { $0.firsts[file] }
    }

    /// Has a file of the tree wait.
    func postpone(_ path: [UInt8]) {
        state.withLock { $0.later.append(path) }
    }

    /// The next file of the pass, looked up in the tree; nil after the last. What isn't there any more is noted and passed
    /// over.
    func nextLater(in root: Directory, _ rootPath: String, _ work: TreeWork) -> TreeEntry? {
        while let path = state.withLock({ $0.current.popLast() }) {
            let printable = "\(rootPath)/\(ObjectName.printable(path))"
            do throws(SystemError) {
                let above = Array(Scope.directory(of: path))
                let name = String(decoding: path.dropFirst(above.count), as: UTF8.self)
                let source = try TreeSource(root, staysOnFileSystem: false)
                if let directory = try source.directory(above) {
                    return try TreeEntry(fileAt: path, named: name, in: directory)
                }
                work.failed(printable, .replaced(printable))
            } catch {
                work.failed(printable, StoreError(system: error, "put"))
            }
        }
        return nil
    }

    /// Begins the next pass; false if there is nothing for it.
    func beginPass() -> Bool {
        state.withLock { state in
            state.current = state.later
            state.later = []
            return !state.current.isEmpty
        }
    }
}

extension FileStatus {
    /// The link number of a file that has several names: nobody gives two files of a machine the same.
    var link: [UInt8] {
        var writer = ByteWriter(capacity: Format.linkByteCount)
        writer.integer(device)
        writer.integer(inode)
        return writer.bytes
    }

    /// Whether a link number may be that of this file. Its device can have another number each time that the machine
    /// starts, which is no reason to put it again.
    func hasLink(_ link: [UInt8]) -> Bool { link.suffix(8) == self.link.suffix(8) }
}
