internal import SluiceFormat
internal import SluiceNative
internal import Synchronization

/// A part of an object under ``Codec/extents``: where its bytes are, and the keys that they are sealed under.
struct Extent: Sendable {
    var entry: ExtentTable.Entry
    /// Nil of zeros, which lie nowhere.
    let keys: ObjectKeys?

    /// All bytes of a blob, as an extent that begins at `start`.
    init(
        start: Int, layout: ChunkLayout, codec: Codec, storedByteCount: Int, blobID: [UInt8],
        partID: [UInt8] = [], keys: ObjectKeys
    ) {
        entry = ExtentTable.Entry(
            start: start, byteCount: layout.byteCount, offset: 0,
            extentByteCount: layout.byteCount, storedByteCount: storedByteCount,
            chunkSize: layout.chunkSize, codec: codec, partID: partID, blobID: blobID)
        self.keys = keys
    }

    /// Zeros.
    init(zeros range: Range<Int>) {
        entry = ExtentTable.Entry(
            start: range.lowerBound, byteCount: range.count, offset: 0,
            extentByteCount: range.count,
            storedByteCount: 0, chunkSize: .standard, codec: nil, partID: [],
            blobID: [UInt8](repeating: 0, count: Format.identifierByteCount))
        keys = nil
    }

    init(entry: ExtentTable.Entry, keys: ObjectKeys?) {
        self.entry = entry
        self.keys = keys
    }

    /// The bytes of the object that it has.
    var range: Range<Int> { entry.range }

    /// What of it lies in `range` of the object.
    func clamped(to range: Range<Int>) -> Extent {
        let part = self.range.clamped(to: range)
        var entry = entry
        if part != self.range { entry.partID = [] }
        entry.offset += part.lowerBound - entry.start
        (entry.start, entry.byteCount) = (part.lowerBound, part.count)
        return Extent(entry: entry, keys: keys)
    }

    /// The blob that it references; nil of zeros.
    var reference: ExtentBasis.Reference? {
        keys.map { _ in
            ExtentBasis.Reference(blobID: entry.blobID, storedByteCount: entry.storedByteCount)
        }
    }
}

/// A table of extents as it is stored: its sealed pages and their digest (FORMAT section 6).
struct SealedExtentTable {
    let pages: [[UInt8]]
    let digest: [UInt8]

    /// The table of these extents, which make up an object in this order.
    init(
        _ extents: [Extent], keys: ObjectKeys, library: CryptoLibrary
    ) throws(StoreError) {
        var pages: [[UInt8]] = []
        let pageCount = ExtentTable.pageCount(entryCount: extents.count)
        var plain = try Worker.buffer(
            min(extents.count, ExtentTable.entriesPerPage) * ExtentTable.entryByteCount)
        var cipher = try translated("sealing a table of extents") { () throws(CryptoError) in
            var cipher = try AES256GCM(library)
            try keys.setTableKey(&cipher)
            return cipher
        }
        var stream = try translated("sealing a table of extents") { () throws(CryptoError) in
            try SHA256Stream(library)
        }
        for page in 0..<pageCount {
            let first = page * ExtentTable.entriesPerPage
            let count = ExtentTable.entryCount(ofPage: page, entryCount: extents.count)
            let byteCount = count * ExtentTable.entryByteCount
            plain.withMutableBytes(0..<byteCount) { plain in
                for place in 0..<count {
                    Self.encode(
                        extents[first + place], into: &plain, at: place * ExtentTable.entryByteCount
                    )
                }
            }
            let sealed = try translated("sealing a table of extents") { () throws(CryptoError) in
                let sealed = try plain.withBytes(0..<byteCount) { plain throws(CryptoError) in
                    try [UInt8](filling: byteCount + Format.tagByteCount) {
                        output throws(CryptoError) in
                        try cipher.seal(
                            plain,
                            nonce: ChunkNonce.tablePage(
                                index: page, isFinal: page == pageCount - 1),
                            authenticating: Span(), into: &output)
                    }
                }
                try stream.update(sealed.span)
                return sealed
            }
            pages.append(sealed)
        }
        let digest = try translated("sealing a table of extents") { () throws(CryptoError) in
            try stream.finish()
        }
        self.digest = digest.indices.map { digest[$0] }
        self.pages = pages
    }

    private static func encode(
        _ extent: Extent, into page: inout MutableSpan<UInt8>, at offset: Int
    ) {
        let head = extent.entry.encodedHead()
        let keys = offset + head.count..<offset + ExtentTable.entryByteCount
        page.withPart(offset..<offset + head.count) { $0.copyPrefix(of: head.span) }
        page.withPart(keys) { part in
            if let keys = extent.keys {
                keys.copy(into: &part)
            } else {
                part.update(repeating: 0)
            }
        }
    }
}

/// The table of extents of an object that is being read: pages are opened as they are needed, and the last one is
/// kept. Thread-safe.
final class OpenExtentTable: Sendable {
    let entryCount: Int
    private let blob: any SealedBytes
    /// Of the object.
    private let byteCount: Int
    private let keys: ObjectKeys
    private let library: CryptoLibrary
    private let lastPage = Mutex<(number: Int, extents: [Extent])?>(nil)

    init(
        blob: any SealedBytes, byteCount: Int, storedByteCount: Int, keys: ObjectKeys,
        library: CryptoLibrary
    ) throws(StoreError) {
        guard let entryCount = ExtentTable.entryCount(sealedByteCount: storedByteCount) else {
            throw StoreError(.integrity, "its row has an impossible size")
        }
        self.entryCount = entryCount
        self.blob = blob
        self.byteCount = byteCount
        self.keys = keys
        self.library = library
    }

    private var pageCount: Int { ExtentTable.pageCount(entryCount: entryCount) }

    /// Calls `body` with each extent that has bytes of `range`, in their order.
    func forEach(
        covering range: Range<Int>, _ body: (Extent) throws(StoreError) -> Void
    ) throws(StoreError) {
        guard !range.isEmpty else { return }
        var number = try numberOfPage(holding: range.lowerBound)
        var end: Int?
        while number < pageCount {
            for extent in try page(number) {
                // Within a page it was compared.
                guard end == nil || extent.entry.start == end else { throw Self.failure }
                end = extent.range.upperBound
                if extent.range.upperBound <= range.lowerBound { continue }
                guard extent.entry.start < range.upperBound else { return }
                try body(extent)
            }
            number += 1
        }
    }

    /// Every extent.
    func all() throws(StoreError) -> [Extent] {
        var extents: [Extent] = []
        extents.reserveCapacity(entryCount)
        try forEach(covering: 0..<byteCount) { extent throws(StoreError) in extents.append(extent) }
        return extents
    }

    /// The page with the extent that has the byte at `offset`.
    private func numberOfPage(holding offset: Int) throws(StoreError) -> Int {
        var (low, high) = (0, pageCount - 1)
        while low < high {
            let middle = (low + high + 1) / 2
            let first = try page(middle)[0].entry.start
            if first <= offset { low = middle } else { high = middle - 1 }
        }
        return low
    }

    private func page(_ number: Int) throws(StoreError) -> [Extent] {
        if let known = lastPage.withLock({ $0?.number == number ? $0?.extents : nil }) {
            return known
        }
        let extents = try open(number)
        lastPage.withLock { $0 = (number, extents) }
        return extents
    }

    private func open(_ number: Int) throws(StoreError) -> [Extent] {
        let sealed = try Self.sealedPage(number, of: blob, entryCount: entryCount)
        let byteCount = sealed.count - Format.tagByteCount
        var plain = try Worker.buffer(byteCount)
        let isFinal = number == pageCount - 1
        try translated("the table of extents") { () throws(CryptoError) in
            var cipher = try AES256GCM(library)
            try keys.setTableKey(&cipher)
            try plain.withMutableBytes(0..<byteCount) { plain throws(CryptoError) in
                try cipher.open(
                    sealed.span, nonce: ChunkNonce.tablePage(index: number, isFinal: isFinal),
                    authenticating: Span(), into: &plain)
            }
        }
        do throws(FormatError) {
            let extents = try plain.withBytes(0..<byteCount) { plain throws(FormatError) in
                try Self.decode(plain)
            }
            try check(extents, number, isFinal)
            return extents
        } catch {
            throw StoreError(format: error, "the table of extents")
        }
    }

    private static func decode(_ plain: Span<UInt8>) throws(FormatError) -> [Extent] {
        var extents: [Extent] = []
        for offset in stride(from: 0, to: plain.count, by: ExtentTable.entryByteCount) {
            let keys = offset + ExtentTable.headByteCount
            let head = [UInt8](copying: plain.extracting(offset..<keys))
            let entry = try ExtentTable.Entry(decodingHead: head)
            extents.append(
                Extent(
                    entry: entry,
                    keys: entry.codec == nil
                        ? nil
                        : ObjectKeys(
                            copying: plain.extracting(
                                keys..<offset + ExtentTable.entryByteCount))))
        }
        return extents
    }

    /// That extents follow each other without a gap, from the object's first byte to its last.
    private func check(
        _ extents: [Extent], _ number: Int, _ isFinal: Bool
    ) throws(FormatError) {
        var end = number == 0 ? 0 : extents[0].entry.start
        for extent in extents {
            guard extent.entry.start == end else { throw .invalidField("extent entry") }
            end = extent.range.upperBound
        }
        guard isFinal ? end == byteCount : end < byteCount else {
            throw .invalidField("extent entry")
        }
    }

    /// SHA-256 of the sealed table, to be compared with the row's digest; nil if it can't be one of so many bytes.
    static func digest(
        of blob: any SealedBytes, storedByteCount: Int, library: CryptoLibrary
    ) throws(StoreError) -> [UInt8]? {
        guard let entryCount = ExtentTable.entryCount(sealedByteCount: storedByteCount) else {
            return nil
        }
        return try SealedTable.digest(
            pageCount: ExtentTable.pageCount(entryCount: entryCount), library: library
        ) { page throws(StoreError) in
            try sealedPage(page, of: blob, entryCount: entryCount)
        }
    }

    private static func sealedPage(
        _ page: Int, of blob: any SealedBytes, entryCount: Int
    ) throws(StoreError) -> [UInt8] {
        let byteCount = ExtentTable.sealedByteCount(ofPage: page, entryCount: entryCount)
        let offset = ExtentTable.sealedOffset(ofPage: page)
        return try [UInt8](filling: byteCount) { output throws(StoreError) in
            guard try blob.read(into: &output, at: offset) == byteCount else { throw failure }
        }
    }

    private static let failure = StoreError(.integrity, "the table of extents is cut short")
}
