internal import FoundationEssentials
internal import SluiceAccess
internal import SluiceNative

/// Reads a vault's operation log while it is being written and renamed.
struct OperationLogReader {
    let directory: Directory

    /// How much is read at once.
    private static let pieceByteCount = 1 << 20
    /// How much is read for a page: more than the logs of a vault hold.
    private static let pageByteCount = 32 << 20
    /// No record has a longer line.
    private static let lineByteCountLimit = 64 << 10

    /// The records after a place, or the first that there are, as many as make a page.
    ///
    /// A line that is none, or too long, or not yet whole, is skipped; so are holes, which somebody may have
    /// made.
    func read(after position: OperationLogPosition?) throws(VaultError) -> OperationPage {
        do throws(SystemError) {
            // In this order: a file that is renamed meanwhile is then met twice, not missed.
            let current = try open(OperationLog.name)
            let previous = try open(OperationLog.previousName)
            var page = Page()
            let isInCurrent = position != nil && position?.inode == current?.inode
            if let previous, previous.inode != current?.inode, !isInCurrent {
                try read(previous, after: position, into: &page)
            }
            if let current, !page.isFull { try read(current, after: position, into: &page) }
            return OperationPage(
                records: page.records, position: page.end, hasMore: page.isFull)
        } catch {
            throw VaultError(error, while: "reading the operation log")
        }
    }

    /// What has been read.
    private struct Page {
        var records: [OperationRecord] = []
        var end = OperationLogPosition(inode: 0, offset: 0)
        var byteCount = 0
        var isFull: Bool { byteCount >= pageByteCount }
    }

    private struct OpenFile {
        let file: File
        let inode: UInt64
        let byteCount: Int
    }

    /// Opens a log; nil if there is none, or what has its name is no file.
    private func open(_ name: String) throws(SystemError) -> OpenFile? {
        do throws(SystemError) {
            let file = try directory.openFile(name)
            let status = try file.status()
            guard status.kind == .regular else { return nil }
            return OpenFile(file: file, inode: status.inode, byteCount: status.byteCount)
        } catch {
            guard error.isNotFound else { throw error }
            return nil
        }
    }

    /// Adds the records of a file, of that which the position is in those after it.
    private func read(
        _ open: OpenFile, after position: OperationLogPosition?, into page: inout Page
    ) throws(SystemError) {
        var next = 0
        if let position, position.inode == open.inode, position.offset <= open.byteCount {
            next = position.offset
        }
        page.end = OperationLogPosition(inode: open.inode, offset: next)
        // The beginning of a line whose end is yet to be read.
        var begun: [UInt8] = []
        while !page.isFull, let offset = try open.file.nextData(from: next), offset < open.byteCount
        {
            if offset > next { begun = [] }
            let piece = try bytes(of: open, at: offset)
            guard !piece.isEmpty else { break }
            next = offset + piece.count
            page.byteCount += piece.count
            let lines = piece.split(separator: Self.newline, omittingEmptySubsequences: false)
            for line in lines.dropLast() {
                add(begun + line, to: &page)
                begun = []
            }
            let last = lines.last ?? []
            if lines.count > 1 {
                page.end = OperationLogPosition(inode: open.inode, offset: next - last.count)
            }
            begun += last
            guard begun.count > Self.lineByteCountLimit else { continue }
            // No line of ours; what it ends with is skipped as well.
            begun = []
            page.end = OperationLogPosition(inode: open.inode, offset: next)
        }
    }

    private func bytes(of open: OpenFile, at offset: Int) throws(SystemError) -> [UInt8] {
        let count = min(Self.pieceByteCount, open.byteCount - offset)
        var bytes = [UInt8](repeating: 0, count: count)
        var span = bytes.mutableSpan
        let byteCount = try open.file.read(into: &span, at: offset)
        return Array(bytes.prefix(byteCount))
    }

    private func add(_ line: [UInt8], to page: inout Page) {
        // What was written after a hole may begin in the midst of a block of zeroes.
        let line = line.drop { $0 == 0 }
        guard !line.isEmpty, line.count <= Self.lineByteCountLimit,
            let record = try? JSONDecoder().decode(OperationRecord.self, from: Data(line))
        else { return }
        page.records.append(record)
    }

    private static let newline = UInt8(ascii: "\n")
}
