/// The table that says where the chunks of an LZ4 object lie (FORMAT section 6).
///
/// It ends the blob, in pages of up to 1,024 entries, each page sealed by itself under the
/// object's table key, so that a range is read with the pages that cover it.
public enum ChunkTable {
    /// Entries of a full page.
    public static let entriesPerPage = 1024
    /// Bytes of an entry.
    public static let entryByteCount = 12

    /// Where a chunk lies in the blob, and how it is coded.
    public struct Entry: Hashable, Sendable {
        /// The blob offset of the sealed chunk.
        public var sealedOffset: Int
        /// The bytes of the sealed chunk, tag included; below 2^31.
        public var sealedByteCount: Int
        /// Whether what is sealed is an LZ4 block rather than the chunk itself.
        public var isLZ4: Bool

        /// An entry with these values.
        public init(sealedOffset: Int, sealedByteCount: Int, isLZ4: Bool) {
            self.sealedOffset = sealedOffset
            self.sealedByteCount = sealedByteCount
            self.isLZ4 = isLZ4
        }
    }

    /// Pages of the table of `chunkCount` chunks.
    public static func pageCount(chunkCount: Int) -> Int {
        (chunkCount + entriesPerPage - 1) / entriesPerPage
    }

    /// Entries of a page.
    public static func entryCount(ofPage page: Int, chunkCount: Int) -> Int {
        min(entriesPerPage, chunkCount - page * entriesPerPage)
    }

    /// The sealed bytes of a page.
    public static func sealedByteCount(ofPage page: Int, chunkCount: Int) -> Int {
        entryCount(ofPage: page, chunkCount: chunkCount) * entryByteCount + Format.tagByteCount
    }

    /// The sealed bytes of the whole table.
    public static func sealedByteCount(chunkCount: Int) -> Int {
        chunkCount * entryByteCount + pageCount(chunkCount: chunkCount) * Format.tagByteCount
    }

    /// The offset of a page from the start of the table.
    public static func sealedOffset(ofPage page: Int) -> Int {
        page * (entriesPerPage * entryByteCount + Format.tagByteCount)
    }

    /// A page's plaintext.
    public static func encode(_ entries: ArraySlice<Entry>) -> [UInt8] {
        var writer = ByteWriter(capacity: entries.count * entryByteCount)
        for entry in entries {
            writer.integer(UInt64(entry.sealedOffset))
            writer.integer(UInt32(entry.sealedByteCount) | (entry.isLZ4 ? 1 << 31 : 0))
        }
        return writer.bytes
    }

    /// The entries of an opened page of the object with this `layout`.
    ///
    /// Throws ``FormatError`` if the page has another number of entries than its place demands, or
    /// an entry that lies outside the first `tableOffset` bytes of the blob or has a length that
    /// its chunk can't have.
    public static func decode(
        page: Int, from bytes: [UInt8], layout: ChunkLayout, tableOffset: Int
    ) throws(FormatError) -> [Entry] {
        let count = entryCount(ofPage: page, chunkCount: layout.chunkCount)
        var reader = ByteReader(bytes)
        var entries: [Entry] = []
        entries.reserveCapacity(count)
        for place in 0..<count {
            let offset = try reader.integer(UInt64.self)
            let word = try reader.integer(UInt32.self)
            let entry = Entry(
                sealedOffset: Int(clamping: offset), sealedByteCount: Int(word & ~(1 << 31)),
                isLZ4: word >> 31 == 1)
            let full = layout.sealedByteCount(ofChunk: page * entriesPerPage + place)
            guard
                entry.sealedOffset <= tableOffset,
                entry.sealedByteCount <= tableOffset - entry.sealedOffset,
                entry.isLZ4
                    ? entry.sealedByteCount > Format.tagByteCount && entry.sealedByteCount < full
                    : entry.sealedByteCount == full
            else { throw .invalidField("chunk table entry") }
            entries.append(entry)
        }
        try reader.finish()
        return entries
    }
}
