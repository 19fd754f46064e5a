internal import SluiceAccess
internal import SluiceFormat
internal import SluiceNative

/// Seals new versions of objects: data keys, rows, and the bytes of small ones. Thread-safe.
final class ObjectSealer: Sendable, StoreComponent {
    let context: StoreContext
    let dataKeys: DataKeys

    init(context: StoreContext, dataKeys: DataKeys) {
        self.context = context
        self.dataKeys = dataKeys
    }

    /// The largest blob that lives in the catalog, in sealed bytes; measured, see the DESIGN article.
    static let inlineByteCountLimit = 64 << 10

    /// Bytes of each sample by which `auto` decides whether to compress, and how many there are.
    private static let sampleByteCount = 16 << 10

    private static let sampleCount = 4

    /// A fresh object id, and the keys that derive from it and a data key for an encryption scope.
    func newVersion(
        _ plan: PutPlan, _ codec: Codec, under dataKey: DataKey, in scope: Scope
    ) throws(StoreError) -> NewVersion {
        let width = Format.identifierByteCount
        let random = try library.values(2 * width + Format.revisionByteCount)
        let objectID = Array(random[..<width])
        let keys = try translated("deriving the object's keys") { () throws(CryptoError) in
            try ObjectKeys(
                dataKey: dataKey.secret, scope: scope.keys, provided: plan.providedKey,
                objectID: objectID, chunkSize: plan.chunkSize, codec: codec, library: library)
        }
        return NewVersion(
            objectID: objectID, entityTag: Array(random[width..<2 * width]),
            revision: Array(random[(2 * width)...]), keys: keys, dataKey: dataKey,
            chunkSize: plan.chunkSize, codec: codec)
    }

    /// The row of a new version, its document sealed.
    func newObject(
        _ plan: PutPlan, _ version: NewVersion, _ sealed: SealedObject, byteCount: Int,
        content: BlobContent, in scopes: PutScopes
    ) throws(StoreError) -> NewObject {
        let scope = scopes.names
        let now = WallClock.nowMilliseconds
        var document = ObjectDocument(
            name: plan.name.utf8, createdMilliseconds: now, modifiedMilliseconds: now,
            properties: plan.attributes.properties.encoded)
        let digest = try plan.providedKey?.digest(library)
        document.properties[.providedKey] = digest.map {
            ProvidedKeyNote(digest: $0, scopeID: scopes.encryption.record.scopeID).encoded
        }
        let sealedDocument = document.encoded()
        let metadata = try scopes.encryption.sealMetadata(
            plan.attributes.metadata, library: library)
        let revision = version.revision
        return try scope.withSession("sealing the object's row") { session throws(CryptoError) in
            let tag = try session.tag(ofObject: plan.name.utf8)
            let directory = try session.tag(ofDirectory: Scope.directory(of: plan.name.utf8))
            let binding = ObjectBinding(
                storeID: scope.storeID, scopeID: scope.record.scopeID, tag: tag,
                directory: directory, objectID: version.objectID,
                entityTag: version.entityTag, revision: revision, byteCount: byteCount,
                storedByteCount: sealed.storedByteCount, chunkSize: version.chunkSize,
                codec: version.codec, commitment: version.keys.commitment,
                tableDigest: sealed.tableDigest,
                metadataTag: metadata.map { Array(SealedMetadata.tag($0)) })
            return NewObject(
                name: plan.name, tag: tag, directory: directory, objectID: version.objectID,
                entityTag: version.entityTag, revision: revision, byteCount: byteCount,
                storedByteCount: sealed.storedByteCount, chunkSize: version.chunkSize,
                codec: version.codec, tableDigest: sealed.tableDigest,
                commitment: version.keys.commitment,
                document: try session.sealDocument(
                    sealedDocument, revision: revision, binding: binding.encoded()),
                metadata: metadata, wrapped: version.dataKey.wrapped, content: content,
                createdMilliseconds: now, providedKeyDigest: digest)
        }
    }

    /// The row of an object of which something else is said, its name too, under another revision.
    func resealed(
        _ row: ObjectRow, _ document: ObjectDocument, in scope: Scope
    ) throws(StoreError) -> ObjectRow {
        var row = row
        row.revision = try library.revision()
        let binding = row.binding(in: scope)
        let (revision, plain) = (row.revision, document.encoded())
        row.document = try scope.withSession("sealing the object's row") {
            session throws(CryptoError) in
            try session.sealDocument(plain, revision: revision, binding: binding)
        }
        return row
    }

    /// Seals a small object's bytes and row.
    func sealSmall(
        _ bytes: [UInt8], _ layout: ChunkLayout, _ plan: PutPlan, _ scopes: PutScopes
    ) throws(StoreError) -> NewObject {
        let scope = scopes.encryption
        let blocks =
            plan.compression == .none ? [] : try compressChunks(of: bytes, layout)
        let codec: Codec = blocks.contains { $0 != nil } ? .lz4 : .raw
        let dataKey = try scope.sharedDataKey.next { () throws(StoreError) in
            try dataKeys.fresh(in: scope)
        }
        let version = try newVersion(plan, codec, under: dataKey, in: scope)
        let (stored, digest) = try workers.withWorker { worker throws(StoreError) in
            try translated("sealing a chunk") { () throws(CryptoError) in
                try version.keys.setChunkKey(&worker.cipher)
            }
            return try seal(bytes, blocks, layout, version, &worker.cipher)
        }
        let sealed = SealedObject(storedByteCount: stored.count, tableDigest: digest)
        return try newObject(
            plan, version, sealed, byteCount: bytes.count, content: .inline(stored), in: scopes)
    }

    /// Reads a small file and seals it.
    func sealSmall(
        _ source: OpenFile, _ layout: ChunkLayout, _ plan: PutPlan, _ scopes: PutScopes
    ) throws(StoreError) -> NewObject {
        var bytes = try FileSource(source, layout: layout).readAll()
        defer {
            var span = bytes.mutableSpan
            wipe(&span)
        }
        return try sealSmall(bytes, layout, plan, scopes)
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

    /// The same of bytes in memory, which may be the beginning of more.
    func codec(_ plan: PutPlan, of bytes: Span<UInt8>) throws(StoreError) -> Codec {
        try codec(plan, try plan.layout(byteCount: bytes.count)) {
            offset, sample throws(StoreError) in
            let count = min(sample.count, bytes.count - offset)
            sample.copyPrefix(of: bytes.extracting(offset..<offset + count))
            return count
        }
    }

    /// A stream, of which so much was read as tells how it is to be sealed.
    enum BegunStream {
        /// All of it, which is shorter than the head.
        case short([UInt8])
        /// Its head, which is read again, and what is left.
        case long(StreamSource, Codec)
    }

    /// Reads a stream's head, which is whole chunks.
    func begin(
        _ source: any ByteSource, headByteCount: Int, _ plan: PutPlan
    ) throws(StoreError) -> BegunStream {
        var head = try Worker.buffer(headByteCount)
        let headCount = try head.withMutableBytes { head throws(StoreError) in
            try source.fill(&head, from: 0)
        }
        guard headCount == headByteCount else {
            return .short(head.withBytes(0..<headCount) { [UInt8](copying: $0) })
        }
        let chosen = try head.withBytes(0..<headByteCount) { head throws(StoreError) in
            try codec(plan, of: head)
        }
        return .long(
            StreamSource(head: head, rest: source, chunkSize: plan.chunkSize), chosen)
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
                try translated("sealing a chunk") { () throws(CryptoError) in
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
