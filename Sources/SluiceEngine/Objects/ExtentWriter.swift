internal import SluiceAccess
internal import SluiceFormat
internal import SluiceNative

/// Seals extents, and commits the objects that are made of them. Thread-safe.
final class ExtentWriter: Sendable, StoreComponent {
    let context: StoreContext
    let sealer: ObjectSealer
    let objectWriter: ObjectWriter

    init(context: StoreContext, sealer: ObjectSealer, objectWriter: ObjectWriter) {
        self.context = context
        self.sealer = sealer
        self.objectWriter = objectWriter
    }

    /// A blob that was sealed as an extent, and that no row names yet.
    struct Sealed: Sendable {
        let blobID: [UInt8]
        let layout: ChunkLayout
        let codec: Codec
        let storedByteCount: Int
        let keys: ObjectKeys
        let blob: BlobWriter

        /// All of it, as an extent that begins at `start`.
        func extent(at start: Int) -> Extent {
            Extent(
                start: start, layout: layout, codec: codec, storedByteCount: storedByteCount,
                blobID: blobID, keys: keys)
        }

        var reference: ExtentBasis.Reference {
            ExtentBasis.Reference(blobID: blobID, storedByteCount: storedByteCount)
        }

        /// Lets go of it after an error: nothing remains, unless a row may name it.
        func abandon(after error: StoreError) {
            if error.code != .outcomeUnknown { blob.abort() }
        }
    }

    /// What an extent is sealed for.
    enum Purpose {
        /// An object that is about to be committed: the extent is durable when it is sealed.
        case object
        /// A part of an upload, of the name with this tag: it is durable when the upload's commit has seen to it.
        case part(tag: [UInt8])
    }

    /// Seals bytes under keys of their own.
    func seal(
        _ bytes: [UInt8], for purpose: Purpose, _ plan: PutPlan, _ cancellation: Cancellation
    ) throws(StoreError) -> Sealed {
        let layout = try plan.layout(byteCount: bytes.count)
        return try seal(
            BytesSource(bytes, layout: layout), for: purpose, plan, byteCount: { bytes.count },
            codec: try sealer.codec(plan, of: bytes.span),
            expectedByteCount: layout.rawStoredByteCount, cancellation)
    }

    /// Seals a stream, likewise.
    func seal(
        _ source: any ByteSource, for purpose: Purpose, _ plan: PutPlan,
        _ cancellation: Cancellation
    ) throws(StoreError) -> Sealed {
        switch try sealer.begin(source, headByteCount: plan.chunkSize.byteCount, plan) {
        case .short(var bytes):
            defer {
                var span = bytes.mutableSpan
                wipe(&span)
            }
            return try seal(bytes, for: purpose, plan, cancellation)
        case .long(let stream, let codec):
            return try seal(
                stream, for: purpose, plan, byteCount: { stream.byteCount }, codec: codec,
                expectedByteCount: nil,
                cancellation)
        }
    }

    /// An extent whose bytes come bit by bit. For one caller at a time.
    struct Growing: Sendable {
        fileprivate let blobID: [UInt8]
        fileprivate let codec: Codec
        fileprivate let keys: ObjectKeys
        let blob: BlobWriter
        private let sealing: GrowingSealing

        fileprivate init(
            blobID: [UInt8], codec: Codec, keys: ObjectKeys, blob: BlobWriter, sealing: Sealing
        ) {
            self.blobID = blobID
            self.codec = codec
            self.keys = keys
            self.blob = blob
            self.sealing = GrowingSealing(sealing, into: blob)
        }

        /// Seals the next bytes: whole chunks, at least one, unless they are the last.
        func add(
            _ bytes: [UInt8], isLast: Bool, _ cancellation: Cancellation
        ) throws(StoreError) {
            try sealing.add(bytes, isLast: isLast, halt: Halt(cancellation))
            try cancellation.check()
        }

        /// The extent of so many bytes, all of which were added.
        func finish(_ layout: ChunkLayout) throws(StoreError) -> Sealed {
            let sealed = try sealing.finish()
            try blob.commit(byteCount: sealed.storedByteCount)
            return Sealed(
                blobID: blobID, layout: layout, codec: codec,
                storedByteCount: sealed.storedByteCount, keys: keys, blob: blob)
        }
    }

    /// Begins an extent whose first bytes are these; they are still to be added.
    func begin(
        _ head: Span<UInt8>, for purpose: Purpose, _ plan: PutPlan
    ) throws(StoreError) -> Growing {
        let codec = try sealer.codec(plan, of: head)
        let keys = try freshKeys()
        let (blobID, blob) = try beginBlob(for: purpose, expectedByteCount: nil)
        return Growing(
            blobID: blobID, codec: codec, keys: keys, blob: blob,
            sealing: sealing(keys, plan, codec))
    }

    private func beginBlob(
        for purpose: Purpose, expectedByteCount: Int?
    ) throws(StoreError) -> (id: [UInt8], blob: BlobWriter) {
        var blobID = try library.identifier()
        guard case .part(let tag) = purpose else {
            return (blobID, try blobs.begin(blobID, expectedByteCount: expectedByteCount))
        }
        // The parts of a name are in one directory, which is synced once for all.
        blobID[0] = tag[0]
        return (
            blobID,
            try blobs.begin(blobID, expectedByteCount: expectedByteCount, isDurableLater: true)
        )
    }

    private func freshKeys() throws(StoreError) -> ObjectKeys {
        try translated("drawing an extent's keys") { () throws(CryptoError) in
            try ObjectKeys(drawnBy: library)
        }
    }

    private func sealing(_ keys: ObjectKeys, _ plan: PutPlan, _ codec: Codec) -> Sealing {
        Sealing(
            keys: keys, chunkSize: plan.chunkSize, codec: codec, workers: workers,
            library: library, progress: nil)
    }

    private func seal(
        _ source: some ChunkSource, for purpose: Purpose, _ plan: PutPlan, byteCount: () -> Int,
        codec: Codec, expectedByteCount: Int?, _ cancellation: Cancellation
    ) throws(StoreError) -> Sealed {
        let keys = try freshKeys()
        let (blobID, blob) = try beginBlob(for: purpose, expectedByteCount: expectedByteCount)
        do throws(StoreError) {
            let sealed = try sealing(keys, plan, codec).run(
                source, into: blob, halt: Halt(cancellation))
            try cancellation.check()
            try blob.commit(byteCount: sealed.storedByteCount)
            return Sealed(
                blobID: blobID, layout: try plan.layout(byteCount: byteCount()), codec: codec,
                storedByteCount: sealed.storedByteCount, keys: keys, blob: blob)
        } catch {
            blob.abort()
            throw error
        }
    }

    /// Commits an object that is made of extents, in this order; there is at least one.
    ///
    /// Throws ``StoreError/Code/extentsMoved``, which no caller of the store gets, if what `basis` has isn't so any more.
    func put(
        _ extents: [Extent], from basis: ExtentBasis, _ plan: PutPlan, in scopes: PutScopes
    ) throws(StoreError) -> ObjectInfo {
        guard extents.count <= ExtentTable.maximumEntryCount, let last = extents.last else {
            throw StoreError(
                .invalidArgument,
                """
                '\(plan.name)' would have \(extents.count) extents, of the \
                \(ExtentTable.maximumEntryCount) that an object can have
                """, about: .object(plan.name.description))
        }
        let byteCount = last.range.upperBound
        _ = try plan.layout(byteCount: byteCount)
        let version = try sealer.newVersion(
            plan, .extents, under: try sealer.dataKeys.fresh(in: scopes.encryption),
            in: scopes.encryption)
        let table = try SealedExtentTable(extents, keys: version.keys, library: library)
        let storedByteCount = ExtentTable.sealedByteCount(entryCount: extents.count)
        let blob = try blobs.begin(version.objectID, expectedByteCount: storedByteCount)
        do throws(StoreError) {
            var offset = 0
            for page in table.pages {
                try blob.write(page.span, at: offset)
                offset += page.count
            }
            try blob.commit(byteCount: storedByteCount)
            let object = try sealer.newObject(
                plan, version,
                SealedObject(storedByteCount: storedByteCount, tableDigest: table.digest),
                byteCount: byteCount, content: .file, in: scopes)
            let info = try objectWriter.commit(
                object, version.dataKey, plan, of: basis, in: scopes)
            blob.finish()
            return info
        } catch {
            if error.code != .outcomeUnknown { blob.abort() }
            throw error
        }
    }
}

extension [Extent] {
    /// The blobs that they are in.
    var references: Set<ExtentBasis.Reference> { Set(compactMap(\.reference)) }

    /// What of them lies in `range` of the object.
    func clamped(to range: Range<Int>) -> [Extent] {
        compactMap { extent in
            extent.range.overlaps(range) ? extent.clamped(to: range) : nil
        }
    }
}
