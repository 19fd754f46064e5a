internal import SluiceFormat
internal import SluiceNative

/// The names of a directory as a file has them, in byte order, from some name on. For one thread.
///
/// Invariant: nothing of the file is used that wasn't sealed under the scope's keys for this directory and for its
/// place in this run; else what reads it throws ``StoreError/Code/integrity``.
struct StoredRun: Sendable {
    let index: RunIndex
    private let file: File
    private let pieces: RunSeal
    private var nextChunk = 0

    /// The run in a file, before its first name.
    ///
    /// - Parameter directory: The tag of the directory that it has to be of.
    init(_ file: File, of directory: [UInt8], in scope: Scope) throws(StoreError) {
        self.file = file
        let byteCount: Int
        do throws(SystemError) {
            byteCount = try file.status().byteCount
        } catch {
            throw StoreError(system: error, "read a run")
        }
        let header = try Self.read(file, at: 0, byteCount: RunLayout.headerByteCount)
        guard header.starts(with: RunLayout.magic) else { throw Self.damage }
        pieces = RunSeal(
            scope: scope, directory: directory,
            salt: Array(header.dropFirst(RunLayout.magic.count)))
        let trailer = try Self.read(
            file, at: byteCount - RunLayout.trailerByteCount, byteCount: RunLayout.trailerByteCount)
        let indexByteCount = trailer.reduce(0) { $0 << 8 | Int($1) }
        let indexOffset = byteCount - RunLayout.trailerByteCount - indexByteCount
        guard indexOffset >= RunLayout.headerByteCount,
            indexByteCount <= RunLayout.longestIndexByteCount
        else { throw Self.damage }
        let plain = try pieces.open(
            try Self.read(file, at: indexOffset, byteCount: indexByteCount),
            number: RunLayout.indexNumber)
        index = try Self.decoded { () throws(FormatError) in try RunIndex(decoding: plain) }
        guard index.endOffset == indexOffset else { throw Self.damage }
    }

    /// Random, of this run alone.
    var salt: [UInt8] { pieces.salt }

    /// How many names there are.
    var nameCount: Int { index.nameCount }

    /// The same run, before its first name.
    var fromStart: StoredRun {
        var run = self
        run.nextChunk = 0
        return run
    }

    /// Goes on with the chunk that has the first name that isn't before `name`, or with the one before.
    mutating func seek(to name: ArraySlice<UInt8>) {
        var range = 0..<index.chunks.count
        while !range.isEmpty {
            let middle = range.lowerBound + range.count / 2
            if name.lexicographicallyPrecedes(index.chunks[middle].firstName) {
                range = range.lowerBound..<middle
            } else {
                range = middle + 1..<range.upperBound
            }
        }
        nextChunk = max(0, range.lowerBound - 1)
    }

    /// Leaves out what is still to come.
    mutating func skipRest() { nextChunk = index.chunks.count }

    /// The names of the next chunk; nil after the last.
    mutating func nextNames() throws(StoreError) -> NameRun? {
        guard nextChunk < index.chunks.count else { return nil }
        let chunk = index.chunks[nextChunk]
        var plain = try pieces.open(
            try Self.read(file, at: chunk.offset, byteCount: chunk.sealedByteCount),
            number: UInt64(nextChunk))
        defer {
            var span = plain.mutableSpan
            wipe(&span)
        }
        nextChunk += 1
        return try Self.decoded { () throws(FormatError) in
            try NameRun(decoding: plain, count: chunk.nameCount)
        }
    }

    // MARK: Reading

    private static var damage: StoreError { StoreError(.integrity, "a run isn't what was written") }

    private static func decoded<Value>(
        _ body: () throws(FormatError) -> Value
    ) throws(StoreError) -> Value {
        do throws(FormatError) {
            return try body()
        } catch {
            throw damage
        }
    }

    private static func read(
        _ file: File, at offset: Int, byteCount: Int
    ) throws(StoreError) -> [UInt8] {
        guard offset >= 0 else { throw damage }
        var bytes = [UInt8](repeating: 0, count: byteCount)
        let count: Int
        do throws(SystemError) {
            var span = bytes.mutableSpan
            count = try file.read(into: &span, at: offset)
        } catch {
            throw StoreError(system: error, "read a run")
        }
        guard count == byteCount else { throw damage }
        return bytes
    }
}
