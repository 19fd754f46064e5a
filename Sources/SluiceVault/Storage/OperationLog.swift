internal import SluiceAccess
internal import SluiceNative
internal import Synchronization

/// What is done with the keys of a vault: lines of JSON in a file beside its database, or in memory.
///
/// The first lines of a process are written at once: a command has few, and starts no thread for them.
/// After those to append costs a lock held for an instant: lines are written some milliseconds later by
/// another thread, several with one write, each whole. A process that is killed loses those; nothing is
/// synchronised, and what can't be written (the disk is full) is dropped, so that a log never stands in
/// the way of a key. Safe from any thread.
final class OperationLog: Sendable {
    static let name = "operations.log"
    /// Where the log goes when it is full; what was there before is gone.
    static let previousName = "operations.log.1"

    /// At how many bytes a file is full.
    private let fileByteCountLimit: Int
    /// How many records are kept in memory, at least.
    private let recordLimit: Int
    /// Nil in memory.
    private let directory: Directory?
    private let state = Mutex(State())
    private let file = Mutex<File?>(nil)

    private struct State {
        /// In memory the records that are kept, otherwise those that are yet to be written.
        var records: [OperationRecord] = []
        /// How many records were dropped before those.
        var droppedCount = 0
        var isWriteScheduled = false
        /// How many more are written at once.
        var promptCount = OperationLog.promptCount
    }

    private static let line = WorkLine()
    private static let delayNanoseconds = 10_000_000
    private static let promptCount = 16
    /// Bytes of a line, about.
    private static let lineByteCount = 256

    /// A log in a directory; in memory without one.
    init(
        in directory: Directory? = nil, fileByteCountLimit: Int = 8 << 20, recordLimit: Int = 4096
    ) {
        self.directory = directory
        self.fileByteCountLimit = fileByteCountLimit
        self.recordLimit = recordLimit
    }

    func append(_ record: OperationRecord) {
        enum Next { case nothing, writeSoon, writeNow }
        let isInMemory = directory == nil
        let next = state.withLock { state -> Next in
            state.records.append(record)
            if isInMemory {
                if state.records.count >= 2 * recordLimit {
                    state.records.removeFirst(recordLimit)
                    state.droppedCount += recordLimit
                }
                return .nothing
            }
            if state.promptCount > 0 {
                state.promptCount -= 1
                return .writeNow
            }
            // Whoever appends faster than is written writes, too.
            if state.records.count >= recordLimit { return .writeNow }
            defer { state.isWriteScheduled = true }
            return state.isWriteScheduled ? .nothing : .writeSoon
        }
        switch next {
        case .nothing: break
        case .writeNow: flush()
        case .writeSoon:
            let isBegun = Self.line.add { [self] in
                NativeThread.sleep(nanoseconds: Self.delayNanoseconds)
                flush()
            }
            if !isBegun { flush() }
        }
    }

    /// Writes what is yet to be written.
    func flush() {
        guard let directory else { return }
        file.withLock { file in
            let records = state.withLock { state in
                defer { state.records = [] }
                state.isWriteScheduled = false
                return state.records
            }
            guard !records.isEmpty else { return }
            // See above: a log that can't be written stands in nobody's way.
            try? Self.write(records, to: &file, in: directory)
            try? makeRoom(&file, in: directory)
        }
    }

    // MARK: Reading

    /// The records after a place, or all that are kept.
    func read(after position: OperationLogPosition?) throws(VaultError) -> OperationPage {
        guard let directory else { return readMemory(after: position) }
        flush()
        return try OperationLogReader(directory: directory).read(after: position)
    }

    private func readMemory(after position: OperationLogPosition?) -> OperationPage {
        state.withLock { state in
            let end = state.droppedCount + state.records.count
            let begin = min(max(position?.offset ?? 0, state.droppedCount), end)
            return OperationPage(
                records: Array(state.records[(begin - state.droppedCount)...]),
                position: OperationLogPosition(inode: 0, offset: end), hasMore: false)
        }
    }

    // MARK: Writing

    private static func write(
        _ records: [OperationRecord], to slot: inout File?, in directory: Directory
    ) throws(SystemError) {
        let file = try current(&slot, in: directory)
        var lines: [UInt8] = []
        lines.reserveCapacity(records.count * lineByteCount)
        for record in records { record.append(to: &lines) }
        try file.write(lines.span)
    }

    /// The file that bears the log's name: another process may have given it another.
    private static func current(
        _ slot: inout File?, in directory: Directory
    ) throws(SystemError) -> File {
        if let file = slot, try isCurrent(file, in: directory) { return file }
        slot = nil
        let file = try directory.openFileForAppending(name)
        slot = file
        return file
    }

    private static func isCurrent(
        _ file: File, in directory: Directory
    ) throws(SystemError) -> Bool {
        do throws(SystemError) {
            return try directory.status(name).inode == file.status().inode
        } catch {
            guard error.isNotFound else { throw error }
            return false
        }
    }

    /// Puts a file that is full in the place of the previous one. Of several processes that find it full
    /// one does so: the lock is the file's, and the second finds that the name is another's.
    private func makeRoom(
        _ slot: inout File?, in directory: Directory
    ) throws(SystemError) {
        guard let file = slot, try file.status().byteCount >= fileByteCountLimit,
            try file.tryLock(offset: 0, byteCount: 1, exclusive: true)
        else { return }
        if try Self.isCurrent(file, in: directory) {
            try directory.replace(Self.previousName, with: Self.name)
        }
        slot = nil
    }
}
