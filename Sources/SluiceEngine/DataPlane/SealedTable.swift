internal import SluiceFormat
internal import SluiceNative
internal import Synchronization

/// A chunk table as it is stored: its sealed pages and their digest (FORMAT section 6).
struct SealedTable {
    let pages: [[UInt8]]
    let digest: [UInt8]

    init(
        _ entries: [ChunkTable.Entry], keys: ObjectKeys, library: CryptoLibrary
    ) throws(StoreError) {
        var pages: [[UInt8]] = []
        digest = try translated("sealing a chunk table") { () throws(CryptoError) in
            var cipher = try AES256GCM(library)
            try keys.setTableKey(&cipher)
            var stream = try SHA256Stream(library)
            let pageCount = ChunkTable.pageCount(chunkCount: entries.count)
            for page in 0..<pageCount {
                let first = page * ChunkTable.entriesPerPage
                let last = min(first + ChunkTable.entriesPerPage, entries.count)
                let plain = ChunkTable.encode(entries[first..<last])
                let sealed = try [UInt8](filling: plain.count + Format.tagByteCount) {
                    output throws(CryptoError) in
                    try cipher.seal(
                        plain.span,
                        nonce: ChunkNonce.tablePage(index: page, isFinal: page == pageCount - 1),
                        authenticating: Span(), into: &output)
                }
                try stream.update(sealed.span)
                pages.append(sealed)
            }
            let digest = try stream.finish()
            return digest.indices.map { digest[$0] }
        }
        self.pages = pages
    }

    /// SHA-256 of a table's sealed pages, one after the other: nothing has authenticated the sizes yet, and a table of what
    /// they say may not fit.
    static func digest(
        pageCount: Int, library: CryptoLibrary, page: (Int) throws(StoreError) -> [UInt8]
    ) throws(StoreError) -> [UInt8] {
        let what = "digesting a table"
        var stream = try translated(what) { () throws(CryptoError) in try SHA256Stream(library) }
        for number in 0..<pageCount {
            let sealed = try page(number)
            try translated(what) { () throws(CryptoError) in try stream.update(sealed.span) }
        }
        let digest = try translated(what) { () throws(CryptoError) in try stream.finish() }
        return digest.indices.map { digest[$0] }
    }
}

/// The table of an LZ4 object that is being read: pages are opened as they are needed, and the last
/// few kept. Thread-safe.
final class OpenTable: Sendable {
    private let blob: any SealedBytes
    private let layout: ChunkLayout
    /// Where the table begins in the blob, and so where chunks end.
    private let tableOffset: Int
    private let cipher: Mutex<AES256GCM>
    private let pages = Mutex<[Int: [ChunkTable.Entry]]>([:])

    private static let keptPageCount = 4

    init(
        blob: any SealedBytes, layout: ChunkLayout, storedByteCount: Int, keys: ObjectKeys,
        library: CryptoLibrary
    ) throws(StoreError) {
        self.blob = blob
        self.layout = layout
        tableOffset = storedByteCount - ChunkTable.sealedByteCount(chunkCount: layout.chunkCount)
        guard tableOffset >= 0 else { throw Self.failure }
        cipher = Mutex(
            try translated("opening a chunk table") { () throws(CryptoError) in
                var cipher = try AES256GCM(library)
                try keys.setTableKey(&cipher)
                return cipher
            })
    }

    /// Where a chunk is.
    func entry(ofChunk index: Int) throws(StoreError) -> ChunkTable.Entry {
        let page = index / ChunkTable.entriesPerPage
        return try pages.withLock { pages throws(StoreError) in
            let entries: [ChunkTable.Entry]
            if let known = pages[page] {
                entries = known
            } else {
                entries = try open(page)
                if pages.count >= Self.keptPageCount, let oldest = pages.keys.min() {
                    pages[oldest] = nil
                }
                pages[page] = entries
            }
            return entries[index % ChunkTable.entriesPerPage]
        }
    }

    /// SHA-256 of the sealed table, to be compared with the row's digest.
    static func digest(
        of blob: any SealedBytes, chunkCount: Int, storedByteCount: Int, library: CryptoLibrary
    ) throws(StoreError) -> [UInt8] {
        let tableByteCount = ChunkTable.sealedByteCount(chunkCount: chunkCount)
        guard storedByteCount >= tableByteCount else { throw failure }
        return try SealedTable.digest(
            pageCount: ChunkTable.pageCount(chunkCount: chunkCount), library: library
        ) { page throws(StoreError) in
            try sealedPage(
                page, of: blob, tableOffset: storedByteCount - tableByteCount,
                chunkCount: chunkCount)
        }
    }

    private static func sealedPage(
        _ page: Int, of blob: any SealedBytes, tableOffset: Int, chunkCount: Int
    ) throws(StoreError) -> [UInt8] {
        let byteCount = ChunkTable.sealedByteCount(ofPage: page, chunkCount: chunkCount)
        let offset = tableOffset + ChunkTable.sealedOffset(ofPage: page)
        return try [UInt8](filling: byteCount) { output throws(StoreError) in
            guard try blob.read(into: &output, at: offset) == byteCount else { throw failure }
        }
    }

    private func open(_ page: Int) throws(StoreError) -> [ChunkTable.Entry] {
        let chunkCount = layout.chunkCount
        let sealed = try Self.sealedPage(
            page, of: blob, tableOffset: tableOffset, chunkCount: chunkCount)
        let isFinal = page == ChunkTable.pageCount(chunkCount: chunkCount) - 1
        let plain = try cipher.withLock { cipher throws(StoreError) in
            try translated("the chunk table") { () throws(CryptoError) in
                try [UInt8](filling: sealed.count - Format.tagByteCount) {
                    output throws(CryptoError) in
                    try cipher.open(
                        sealed.span, nonce: ChunkNonce.tablePage(index: page, isFinal: isFinal),
                        authenticating: Span(), into: &output)
                }
            }
        }
        do throws(FormatError) {
            return try ChunkTable.decode(
                page: page, from: plain, layout: layout, tableOffset: tableOffset)
        } catch {
            throw StoreError(format: error, "the chunk table")
        }
    }

    private static let failure = StoreError(.integrity, "the chunk table is cut short")
}
