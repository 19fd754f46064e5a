internal import FoundationEssentials
internal import SluiceNative

/// Reads a vault's operation log while it is being written and renamed.
struct OperationLogReader {
    let directory: Directory

    /// The records after a place, or all there are.
    ///
    /// A line that is none, or not yet whole, is skipped.
    func read(after position: OperationLogPosition?) throws(VaultError) -> OperationPage {
        do throws(SystemError) {
            // In this order: a file that is renamed meanwhile is then met twice, not missed.
            let current = try open(OperationLog.name)
            let previous = try open(OperationLog.previousName)
            var records: [OperationRecord] = []
            var end = OperationLogPosition(inode: 0, offset: 0)
            let isInCurrent = position != nil && position?.inode == current?.inode
            if let previous, previous.inode != current?.inode, !isInCurrent {
                end = try read(previous, after: position, into: &records)
            }
            if let current { end = try read(current, after: position, into: &records) }
            return OperationPage(records: records, position: end)
        } catch {
            throw VaultError(error, while: "reading the operation log")
        }
    }

    private struct OpenFile {
        let file: File
        let inode: UInt64
        let byteCount: Int
    }

    private func open(_ name: String) throws(SystemError) -> OpenFile? {
        do throws(SystemError) {
            let file = try directory.openFile(name)
            let status = try file.status()
            return OpenFile(file: file, inode: status.inode, byteCount: status.byteCount)
        } catch {
            guard error.isNotFound else { throw error }
            return nil
        }
    }

    /// Adds the records of a file, of that which the position is in those after it.
    private func read(
        _ open: OpenFile, after position: OperationLogPosition?,
        into records: inout [OperationRecord]
    ) throws(SystemError) -> OperationLogPosition {
        var offset = 0
        if let position, position.inode == open.inode, position.offset <= open.byteCount {
            offset = position.offset
        }
        var bytes = [UInt8](repeating: 0, count: open.byteCount - offset)
        var span = bytes.mutableSpan
        let byteCount = try open.file.read(into: &span, at: offset)
        let newline = UInt8(ascii: "\n")
        let whole = bytes[..<byteCount].lastIndex(of: newline).map { $0 + 1 } ?? 0
        let decoder = JSONDecoder()
        for line in bytes[..<whole].split(separator: newline) {
            if let record = try? decoder.decode(OperationRecord.self, from: Data(line)) {
                records.append(record)
            }
        }
        return OperationLogPosition(inode: open.inode, offset: offset + whole)
    }
}
