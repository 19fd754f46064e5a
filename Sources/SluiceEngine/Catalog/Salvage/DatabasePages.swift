internal import SluiceNative

/// The pages of an SQLite database file as its readers see them: those of the file, and over them what
/// the write-ahead log has committed. SQLite itself is not asked, so a damaged file can be read too.
struct DatabasePages {
    let pageByteCount: Int
    /// The pages there are, numbered from 1.
    let pageCount: Int
    private let database: File
    private let databasePageCount: Int
    private let log: File?
    /// Where in the log the newest committed copy of a page lies.
    private let logOffsets: [Int: Int]

    /// The pages of `catalog.db` in a store's directory; `pageByteCount` is what its header should say.
    init(in directory: Directory, pageByteCount: Int) throws(SystemError) {
        self.pageByteCount = pageByteCount
        database = try directory.openFile(StoreLayout.catalog)
        // A last page that is cut short counts: SQLite reads the rest of it as zeros.
        databasePageCount = (try database.status().byteCount + pageByteCount - 1) / pageByteCount
        var log: File?
        var offsets: [Int: Int] = [:]
        if try directory.has(StoreLayout.catalogLog) {
            let file = try directory.openFile(StoreLayout.catalogLog)
            offsets = try Self.committedFrames(file, pageByteCount: pageByteCount)
            log = file
        }
        self.log = log
        logOffsets = offsets
        pageCount = max(databasePageCount, offsets.keys.max() ?? 0)
    }

    /// A page's bytes; nil if there are not so many.
    func page(_ number: Int) throws(SystemError) -> [UInt8]? {
        guard number >= 1, number <= pageCount else { return nil }
        if let log, let offset = logOffsets[number] {
            return try Self.read(log, offset, pageByteCount)
        }
        return try Self.read(
            database, (number - 1) * pageByteCount, pageByteCount, mayBeShort: true)
    }

    /// Whether a page is the log's, whose checksums hold: what is in it is newer than what the file has.
    func isLogged(_ number: Int) -> Bool { logOffsets[number] != nil }

    private static func read(
        _ file: File, _ offset: Int, _ byteCount: Int, mayBeShort: Bool = false
    ) throws(SystemError) -> [UInt8]? {
        var count = 0
        let bytes = try [UInt8](filling: byteCount) { bytes throws(SystemError) in
            for place in 0..<bytes.count { bytes[place] = 0 }
            count = try file.read(into: &bytes, at: offset)
        }
        return count == byteCount || (mayBeShort && count > 0) ? bytes : nil
    }

    // MARK: The log

    private static let logHeaderByteCount = 32
    private static let frameHeaderByteCount = 24

    /// Where the newest committed copies of pages lie in a log, as far as its checksums hold: what
    /// SQLite's own recovery takes of it.
    private static func committedFrames(
        _ log: File, pageByteCount: Int
    ) throws(SystemError) -> [Int: Int] {
        guard let header = try read(log, 0, logHeaderByteCount) else { return [:] }
        let magic = header.integer32(at: 0)
        guard magic & ~1 == 0x377f_0682, header.integer32(at: 8) == pageByteCount else {
            return [:]
        }
        var sum = LogChecksum(isBigEndian: magic & 1 == 1)
        sum.add(header[..<24])
        guard sum.matches(header, at: 24) else { return [:] }
        var committed: [Int: Int] = [:]
        var pending: [Int: Int] = [:]
        var offset = logHeaderByteCount
        let frameByteCount = frameHeaderByteCount + pageByteCount
        while let frame = try read(log, offset, frameByteCount) {
            sum.add(frame[..<8])
            sum.add(frame[frameHeaderByteCount...])
            guard frame[8..<16] == header[16..<24], sum.matches(frame, at: 16) else { break }
            pending[frame.integer32(at: 0)] = offset + frameHeaderByteCount
            if frame.integer32(at: 4) != 0 {
                committed.merge(pending) { $1 }
                pending = [:]
            }
            offset += frameByteCount
        }
        return committed
    }
}

/// The running checksum of a write-ahead log.
private struct LogChecksum {
    private let isBigEndian: Bool
    private var first: UInt32 = 0
    private var second: UInt32 = 0

    init(isBigEndian: Bool) {
        self.isBigEndian = isBigEndian
    }

    mutating func add(_ bytes: ArraySlice<UInt8>) {
        var place = bytes.startIndex
        while place + 8 <= bytes.endIndex {
            first &+= word(bytes, place) &+ second
            second &+= word(bytes, place + 4) &+ first
            place += 8
        }
    }

    func matches(_ bytes: [UInt8], at offset: Int) -> Bool {
        bytes.integer32(at: offset) == Int(first) && bytes.integer32(at: offset + 4) == Int(second)
    }

    private func word(_ bytes: ArraySlice<UInt8>, _ place: Int) -> UInt32 {
        var word: UInt32 = 0
        for index in 0..<4 {
            let shift = UInt32(isBigEndian ? 24 - 8 * index : 8 * index)
            word |= UInt32(bytes[place + index]) << shift
        }
        return word
    }
}

extension [UInt8] {
    /// The big-endian integer of two bytes at `offset`.
    func integer16(at offset: Int) -> Int { Int(self[offset]) << 8 | Int(self[offset + 1]) }

    /// The big-endian integer of four bytes at `offset`.
    func integer32(at offset: Int) -> Int {
        integer16(at: offset) << 16 | integer16(at: offset + 2)
    }
}
