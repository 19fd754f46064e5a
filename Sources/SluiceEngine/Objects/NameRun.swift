internal import SluiceFormat
internal import SluiceNative

/// Names directly in one directory, without its path, in byte order: what a listing keeps between pages. A
/// name takes 32 bytes and its own.
struct NameRun: Sendable {
    private struct Entry: Sendable {
        /// The name's first bytes as a number: most comparisons need no more.
        let key: UInt64
        let offset: Int
        let rowID: Int
        let byteCount: UInt16
        let isDirectory: Bool
    }

    /// A name in its turn.
    struct Name {
        let bytes: [UInt8]
        let isDirectory: Bool
        /// Where an object's row was; it may have moved.
        let rowID: Int
    }

    private var bytes: [UInt8] = []
    private var entries: [Entry] = []
    private var position = 0

    var count: Int { entries.count }

    var isAtEnd: Bool { position == entries.count }

    /// No names.
    init() {}

    /// The names of a chunk, which has so many.
    init(decoding chunk: [UInt8], count: Int) throws(FormatError) {
        bytes.reserveCapacity(chunk.count)
        entries.reserveCapacity(count)
        var reader = ByteReader(chunk)
        for _ in 0..<count {
            let entry = try RunEntry(decoding: &reader)
            append(entry.name, isDirectory: entry.isDirectory, rowID: entry.rowID)
        }
        try reader.finish()
    }

    /// The same names, which are wiped apart from these.
    func copied() -> NameRun {
        var run = self
        run.bytes = [UInt8](copying: bytes.span)
        return run
    }

    /// Adds a name; ``sort()`` puts it in its place.
    mutating func append(_ name: ArraySlice<UInt8>, isDirectory: Bool, rowID: Int = 0) {
        entries.append(
            Entry(
                key: Self.key(name), offset: bytes.count, rowID: rowID,
                byteCount: UInt16(name.count), isDirectory: isDirectory))
        bytes.append(contentsOf: name)
    }

    /// Sorts the names; of those that are the same, one stays.
    mutating func sort() {
        let bytes = bytes
        entries.sort { Self.compare($0, bytes, $1, bytes) < 0 }
        var count = 0
        for entry in entries {
            if count > 0, Self.compare(entries[count - 1], bytes, entry, bytes) == 0 { continue }
            entries[count] = entry
            count += 1
        }
        entries.removeLast(entries.count - count)
    }

    /// Adds the names that another run has left.
    mutating func append(rest other: NameRun) {
        for entry in other.entries[other.position...] {
            append(
                other.bytes[Self.range(of: entry)], isDirectory: entry.isDirectory,
                rowID: entry.rowID)
        }
    }

    /// Leaves out names that aren't wanted.
    mutating func keep(
        where isWanted: (_ name: ArraySlice<UInt8>, _ isDirectory: Bool) -> Bool
    ) {
        let bytes = bytes
        entries.removeAll { !isWanted(bytes[Self.range(of: $0)], $0.isDirectory) }
    }

    /// Adds the rows that the names were found in to those of their kind.
    func appendRows(objects: inout [Int], directories: inout [Int]) {
        for entry in entries {
            if entry.isDirectory {
                directories.append(entry.rowID)
            } else {
                objects.append(entry.rowID)
            }
        }
    }

    /// Takes the next name of either run; one that both have comes once.
    static func next(_ a: inout NameRun, _ b: inout NameRun) -> Name? {
        guard !b.isAtEnd else { return a.next() }
        guard !a.isAtEnd else { return b.next() }
        let order = compare(a.entries[a.position], a.bytes, b.entries[b.position], b.bytes)
        if order < 0 { return a.next() }
        if order == 0 { a.position += 1 }
        return b.next()
    }

    /// The rows of an object that was just taken, and of those that come next.
    func rowIDs(from rowID: Int, limit: Int) -> [Int] {
        let next = entries[position...].prefix(max(0, limit - 1)).lazy
        return [rowID] + next.filter { !$0.isDirectory }.map(\.rowID)
    }

    /// Wipes the names.
    mutating func removeAll() {
        var span = bytes.mutableSpan
        wipe(&span)
        self = NameRun()
    }

    // MARK: Inside

    private mutating func next() -> Name? {
        guard !isAtEnd else { return nil }
        let entry = entries[position]
        position += 1
        return Name(
            bytes: Array(bytes[Self.range(of: entry)]), isDirectory: entry.isDirectory,
            rowID: entry.rowID)
    }

    private static func range(of entry: Entry) -> Range<Int> {
        entry.offset..<entry.offset + Int(entry.byteCount)
    }

    private static let keyByteCount = 8

    /// A name has no NUL, so that one that is shorter comes before those that it begins.
    private static func key(_ name: ArraySlice<UInt8>) -> UInt64 {
        var key: UInt64 = 0
        for byte in name.prefix(keyByteCount) { key = key << 8 | UInt64(byte) }
        return key << UInt64(8 * (keyByteCount - min(name.count, keyByteCount)))
    }

    /// Below 0, 0 or above 0: the order of two names by their bytes.
    private static func compare(
        _ a: Entry, _ aBytes: borrowing [UInt8], _ b: Entry, _ bBytes: borrowing [UInt8]
    ) -> Int {
        if a.key != b.key { return a.key < b.key ? -1 : 1 }
        let count = Int(min(a.byteCount, b.byteCount))
        var index = keyByteCount
        while index < count {
            let (x, y) = (aBytes[a.offset + index], bBytes[b.offset + index])
            if x != y { return x < y ? -1 : 1 }
            index += 1
        }
        return Int(a.byteCount) - Int(b.byteCount)
    }
}
