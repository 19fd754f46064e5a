internal import SluiceFormat
internal import SluiceNative

/// Small objects: sealed by the caller's own thread into one array, which goes into the catalog.
extension Store {
    /// The largest blob that lives in the catalog, in sealed bytes; measured, see the DESIGN article.
    static let inlineByteCountLimit = 64 << 10

    /// Bytes of each sample by which `auto` decides whether to compress, and how many there are.
    private static let sampleByteCount = 16 << 10
    private static let sampleCount = 4

    /// Seals a small object's bytes and row.
    func sealSmall(
        _ bytes: [UInt8], _ layout: ChunkLayout, _ plan: PutPlan, _ scope: Scope
    ) throws(StoreError) -> NewObject {
        let blocks =
            plan.compression == .none ? [] : try compressChunks(of: bytes, layout)
        let codec: Codec = blocks.contains { $0 != nil } ? .lz4 : .raw
        let dataKey = try scope.sharedDataKey.next { () throws(StoreError) in
            try newDataKey(in: scope)
        }
        let version = try newVersion(plan.chunkSize, codec, under: dataKey, in: scope)
        let (stored, digest) = try workers.withWorker { worker throws(StoreError) in
            try translated { () throws(CryptoError) in try version.keys.setChunkKey(&worker.cipher)
            }
            return try seal(bytes, blocks, layout, version, &worker.cipher)
        }
        let sealed = SealedObject(storedByteCount: stored.count, tableDigest: digest)
        return try newObject(
            plan, version, sealed, byteCount: bytes.count, content: .inline(stored), in: scope)
    }

    /// Reads a small file and seals it.
    func sealSmall(
        _ source: OpenFile, _ layout: ChunkLayout, _ plan: PutPlan, _ scope: Scope
    ) throws(StoreError) -> NewObject {
        var bytes = try FileSource(source, layout: layout).readAll()
        defer {
            var span = bytes.mutableSpan
            wipe(&span)
        }
        return try sealSmall(bytes, layout, plan, scope)
    }

    /// Whether a large object is to be compressed: as asked, or by a few samples of it.
    func codec(
        _ plan: PutPlan, _ layout: ChunkLayout,
        read: (_ offset: Int, _ sample: inout MutableSpan<UInt8>) throws(StoreError) -> Int
    ) throws(StoreError) -> Codec {
        switch plan.compression {
        case .none: return .raw
        case .lz4: return .lz4
        case .auto: break
        }
        var compressor = LZ4Compressor()
        var sample = try Worker.buffer(Self.sampleByteCount)
        var block = try Worker.buffer(Self.sampleByteCount)
        for place in 0..<Self.sampleCount {
            let room = max(0, layout.byteCount - Self.sampleByteCount)
            let offset = room / (Self.sampleCount - 1) * place
            let count = try sample.withMutableBytes { sample throws(StoreError) in
                try read(offset, &sample)
            }
            var pace = CompressionPace()
            let shrunk = sample.withBytes(0..<count) { sample in
                compressor.compress(sample, into: &block, &pace)
            }
            if shrunk != nil { return .lz4 }
        }
        return .raw
    }

    /// Each chunk's LZ4 block, or nil where it doesn't pay.
    private func compressChunks(
        of bytes: [UInt8], _ layout: ChunkLayout
    ) throws(StoreError) -> [[UInt8]?] {
        try workers.withWorker { worker throws(StoreError) in
            var pace = CompressionPace()
            var blocks: [[UInt8]?] = []
            try worker.prepare(for: layout.chunkSize)
            for index in 0..<layout.chunkCount {
                let offset = layout.offset(ofChunk: index)
                let count = worker.compressor.compress(
                    bytes.span.extracting(offset..<offset + layout.byteCount(ofChunk: index)),
                    into: &worker.block, &pace)
                blocks.append(
                    count.map { count in
                        worker.block.withBytes(0..<count) { [UInt8](copying: $0) }
                    })
            }
            return blocks
        }
    }

    /// The whole blob: sealed chunks and, if any is an LZ4 block, the table.
    private func seal(
        _ bytes: [UInt8], _ blocks: [[UInt8]?], _ layout: ChunkLayout, _ version: NewVersion,
        _ cipher: inout AES256GCM
    ) throws(StoreError) -> (blob: [UInt8], tableDigest: [UInt8]?) {
        let byteCounts = (0..<layout.chunkCount).map { index in
            (version.codec == .lz4 ? blocks[index]?.count : nil) ?? layout.byteCount(ofChunk: index)
        }
        var entries: [ChunkTable.Entry] = []
        let chunksByteCount = byteCounts.reduce(0) { $0 + $1 + Format.tagByteCount }
        var blob = try [UInt8](filling: chunksByteCount) { output throws(StoreError) in
            var end = 0
            for (index, byteCount) in byteCounts.enumerated() {
                let block = version.codec == .lz4 ? blocks[index] : nil
                let offset = layout.offset(ofChunk: index)
                let nonce = ChunkNonce.chunk(
                    index: index, isFinal: index == layout.finalIndex, isLZ4: block != nil)
                let sealedByteCount = byteCount + Format.tagByteCount
                try translated { () throws(CryptoError) in
                    try output.withPart(end..<end + sealedByteCount) { part throws(CryptoError) in
                        if let block {
                            try cipher.seal(
                                block.span, nonce: nonce, authenticating: Span(), into: &part)
                        } else {
                            try cipher.seal(
                                bytes.span.extracting(offset..<offset + byteCount), nonce: nonce,
                                authenticating: Span(), into: &part)
                        }
                    }
                }
                entries.append(
                    ChunkTable.Entry(
                        sealedOffset: end, sealedByteCount: sealedByteCount, isLZ4: block != nil))
                end += sealedByteCount
            }
        }
        guard version.codec == .lz4 else { return (blob, nil) }
        let table = try SealedTable(entries, keys: version.keys, library: library)
        for page in table.pages { blob += page }
        return (blob, table.digest)
    }
}
