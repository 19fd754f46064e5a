internal import SluiceNative

/// A page that holds rows of a table, or entries of an index.
///
/// Nothing in it is trusted: a cell that can't be one is passed over, and the others are read.
struct DatabaseLeaf {
    enum Kind: UInt8 {
        case index = 0x0a
        case table = 0x0d
    }

    let kind: Kind
    private let page: [UInt8]
    private let cellOffsets: [Int]

    /// The leaf in a page; nil if the page is none.
    init?(_ page: [UInt8], number: Int) {
        // The first page begins with the file's header.
        let start = number == 1 ? 100 : 0
        guard let kind = Kind(rawValue: page[start]) else { return nil }
        self.kind = kind
        self.page = page
        let cellCount = page.integer16(at: start + 3)
        let pointers = start + 8
        guard pointers + 2 * cellCount <= page.count else { return nil }
        cellOffsets = (0..<cellCount).map { page.integer16(at: pointers + 2 * $0) }
            .filter { $0 >= pointers + 2 * cellCount && $0 < page.count }
    }

    /// The records in the page. One whose overflow pages can't be followed is left out.
    func records(_ pages: DatabasePages) throws(SystemError) -> [(record: [UInt8], rowID: Int64)] {
        var records: [(record: [UInt8], rowID: Int64)] = []
        for offset in cellOffsets {
            var reader = RecordReader(page, at: offset)
            guard let byteCount = reader.varint(), byteCount <= Self.mostBytes else { continue }
            var rowID: Int64 = 0
            if kind == .table {
                guard let id = reader.signedVarint() else { continue }
                rowID = id
            }
            guard let record = try payload(byteCount, at: reader.offset, pages) else { continue }
            records.append((record, rowID))
        }
        return records
    }

    /// SQLite's own limit of a row.
    private static let mostBytes = 1_000_000_000

    /// A record's bytes: those in the page, and those in its overflow pages.
    private func payload(
        _ byteCount: Int, at offset: Int, _ pages: DatabasePages
    ) throws(SystemError) -> [UInt8]? {
        let usable = page.count
        let most = kind == .table ? usable - 35 : (usable - 12) * 64 / 255 - 23
        if byteCount <= most {
            guard offset + byteCount <= page.count else { return nil }
            return Array(page[offset..<offset + byteCount])
        }
        let least = (usable - 12) * 32 / 255 - 23
        let fitting = least + (byteCount - least) % (usable - 4)
        let local = fitting <= most ? fitting : least
        guard offset + local + 4 <= page.count,
            byteCount - local <= pages.pageCount * (usable - 4)
        else { return nil }
        var bytes = Array(page[offset..<offset + local])
        var next = page.integer32(at: offset + local)
        while bytes.count < byteCount {
            guard let overflow = try pages.page(next) else { return nil }
            bytes += overflow[4..<min(usable, 4 + byteCount - bytes.count)]
            next = overflow.integer32(at: 0)
        }
        return bytes
    }
}
