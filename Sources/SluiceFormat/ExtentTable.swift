/// The table of extents that the blob of an object under ``Codec/extents`` is (FORMAT section 6).
///
/// It has an entry for each extent, in the order in which they make up the object, in pages of up to 256 entries. Each
/// page is sealed by itself under the object's table key, so that a range is read with the pages that cover it.
public enum ExtentTable {
    /// Entries of a full page.
    public static let entriesPerPage = 256
    /// Bytes of an entry: ``headByteCount``, then the extent's chunk key and table key.
    public static let entryByteCount = headByteCount + keysByteCount
    /// Bytes of an entry without the extent's keys.
    public static let headByteCount =
        5 * 8 + 3 + Format.maximumPartIDByteCount + Format.identifierByteCount
    /// Bytes of an extent's keys: its chunk key, then its table key.
    public static let keysByteCount = 2 * Format.keyByteCount
    /// The most extents that an object can have.
    public static let maximumEntryCount = 1 << 18

    /// A part of an object: which of its bytes they are, and which bytes of which blob.
    public struct Entry: Hashable, Sendable {
        /// Where the bytes begin in the object.
        public var start: Int
        /// How many they are; at least 1.
        public var byteCount: Int
        /// Where they begin in the extent's plaintext.
        public var offset: Int
        /// The extent's plaintext bytes, of which the object may have a part.
        public var extentByteCount: Int
        /// Bytes of the extent's blob.
        public var storedByteCount: Int
        /// The size of the extent's chunks.
        public var chunkSize: ChunkSize
        /// How the extent's chunks lie in its blob: raw or LZ4. Nil for bytes that are zeros and lie nowhere.
        public var codec: Codec?
        /// The id under which the part was uploaded; empty if it was none.
        public var partID: [UInt8]
        /// The blob's id, 16 bytes; zeros without a blob.
        public var blobID: [UInt8]

        /// An entry with these values.
        public init(
            start: Int, byteCount: Int, offset: Int, extentByteCount: Int, storedByteCount: Int,
            chunkSize: ChunkSize, codec: Codec?, partID: [UInt8], blobID: [UInt8]
        ) {
            self.start = start
            self.byteCount = byteCount
            self.offset = offset
            self.extentByteCount = extentByteCount
            self.storedByteCount = storedByteCount
            self.chunkSize = chunkSize
            self.codec = codec
            self.partID = partID
            self.blobID = blobID
        }

        /// The bytes of the object that this entry has.
        public var range: Range<Int> { start..<start + byteCount }

        /// The entry without the extent's keys: ``ExtentTable/headByteCount`` bytes.
        public func encodedHead() -> [UInt8] {
            var writer = ByteWriter(capacity: ExtentTable.headByteCount)
            for value in [start, byteCount, offset, extentByteCount, storedByteCount] {
                writer.integer(UInt64(value))
            }
            writer.integer(chunkSize.exponent)
            writer.integer(codec?.rawValue ?? ExtentTable.zeros)
            writer.integer(UInt8(partID.count))
            writer.fixed(
                partID
                    + [UInt8](repeating: 0, count: Format.maximumPartIDByteCount - partID.count))
            writer.fixed(blobID)
            return writer.bytes
        }

        /// The entry whose head these bytes are. Throws ``FormatError`` for one that can't be an entry.
        public init(decodingHead bytes: [UInt8]) throws(FormatError) {
            var reader = ByteReader(bytes)
            var values: [Int] = []
            for _ in 0..<5 {
                let value = try reader.integer(UInt64.self)
                guard value <= UInt64(Format.maximumObjectByteCount * 2) else {
                    throw .invalidField("extent entry")
                }
                values.append(Int(value))
            }
            let exponent = try reader.integer(UInt8.self)
            let code = try reader.integer(UInt8.self)
            let idByteCount = Int(try reader.integer(UInt8.self))
            let partID = try reader.fixed(byteCount: Format.maximumPartIDByteCount)
            let blobID = Array(try reader.fixed(byteCount: Format.identifierByteCount))
            try reader.finish()
            let codec = Codec(rawValue: code)
            guard let chunkSize = ChunkSize(exponent: exponent),
                codec == .raw || codec == .lz4 || code == ExtentTable.zeros,
                idByteCount <= Format.maximumPartIDByteCount,
                partID.dropFirst(idByteCount).allSatisfy({ $0 == 0 })
            else { throw .invalidField("extent entry") }
            self.init(
                start: values[0], byteCount: values[1], offset: values[2],
                extentByteCount: values[3], storedByteCount: values[4], chunkSize: chunkSize,
                codec: codec, partID: Array(partID.prefix(idByteCount)), blobID: blobID)
            guard byteCount > 0, start <= Format.maximumObjectByteCount - byteCount,
                codec == nil
                    || (offset <= extentByteCount - byteCount
                        && ChunkLayout(byteCount: extentByteCount, chunkSize: chunkSize) != nil)
            else { throw .invalidField("extent entry") }
        }
    }

    /// Pages of the table of `entryCount` extents.
    public static func pageCount(entryCount: Int) -> Int {
        (entryCount + entriesPerPage - 1) / entriesPerPage
    }

    /// Entries of a page.
    public static func entryCount(ofPage page: Int, entryCount: Int) -> Int {
        min(entriesPerPage, entryCount - page * entriesPerPage)
    }

    /// The sealed bytes of a page.
    public static func sealedByteCount(ofPage page: Int, entryCount: Int) -> Int {
        self.entryCount(ofPage: page, entryCount: entryCount) * entryByteCount + Format.tagByteCount
    }

    /// The sealed bytes of the whole table.
    public static func sealedByteCount(entryCount: Int) -> Int {
        entryCount * entryByteCount + pageCount(entryCount: entryCount) * Format.tagByteCount
    }

    /// The offset of a page in the blob.
    public static func sealedOffset(ofPage page: Int) -> Int {
        page * (entriesPerPage * entryByteCount + Format.tagByteCount)
    }

    /// How many entries a table of so many sealed bytes has; nil if none has so many.
    public static func entryCount(sealedByteCount: Int) -> Int? {
        guard sealedByteCount > 0 else { return nil }
        let fullPage = entriesPerPage * entryByteCount + Format.tagByteCount
        let pageCount = (sealedByteCount + fullPage - 1) / fullPage
        let count = (sealedByteCount - pageCount * Format.tagByteCount) / entryByteCount
        guard (1...maximumEntryCount).contains(count),
            self.sealedByteCount(entryCount: count) == sealedByteCount
        else { return nil }
        return count
    }

    /// What stands for the codec of bytes that are zeros and lie nowhere.
    static let zeros: UInt8 = 255
}
