internal import Sluice
internal import SluiceFormat
internal import SluiceNative

extension FuzzTarget {
    private static let document = ObjectDocument(
        name: Array("dir/name".utf8), createdMilliseconds: 1 << 39,
        modifiedMilliseconds: 1 << 40,
        properties: [
            .contentType: Array("text/plain".utf8), .contentMD5: [UInt8](0..<16), .tier: [2],
            .tags: TextPairs.encoded(pairs),
        ])
    private static let pairs = ["key": "value", "e\u{301}": "\u{E9}"]

    /// Documents, tables, layouts, bindings, codecs: what FORMAT describes.
    static let formatTargets = [
        FuzzTarget("object-document", [document.encoded()]) { input in
            guard let document = try? ObjectDocument(decoding: input) else { return }
            require(document.encoded() == input, "an object's document has a second encoding")
        },
        FuzzTarget("metadata-document", [MetadataDocument(pairs).encoded()]) { input in
            guard let document = try? MetadataDocument(decoding: input) else { return }
            require(document.encoded() == input, "metadata have a second encoding")
        },
        FuzzTarget("directory-document", [DirectoryDocument(path: Array("a/b/".utf8)).encoded()]) {
            input in
            guard let document = try? DirectoryDocument(decoding: input) else { return }
            require(document.encoded() == input, "a directory's document has a second encoding")
        },
        FuzzTarget(
            "pin-document",
            [
                PinDocument(
                    scope: "customer", keyIdentifier: "https://v.vault.localhost/keys/k/0",
                    pinnedMilliseconds: 1 << 40, entityTag: [UInt8](0..<16), object: document,
                    metadata: MetadataDocument(pairs)
                ).encoded()
            ]
        ) { input in
            guard let document = try? PinDocument(decoding: input) else { return }
            require(document.encoded() == input, "a pin's document has a second encoding")
        },
        FuzzTarget("run-index", [runIndex.encoded()]) { input in
            guard let index = try? RunIndex(decoding: input) else { return }
            require(index.encoded() == input, "a run's index has a second encoding")
        },
        FuzzTarget("run-entry", [[1, 0, 0, 0, 0, 0, 0, 0, 9, 0, 2, 97, 47]]) { input in
            var reader = ByteReader(input)
            guard let entry = try? RunEntry(decoding: &reader) else { return }
            var writer = ByteWriter()
            entry.append(to: &writer)
            require(input.starts(with: writer.bytes), "a run's entry has a second encoding")
        },
        FuzzTarget("byte-codec", [[0, 3, 65, 66, 67, 1, 2, 3, 4, 5, 6, 7, 8]], codec),
        FuzzTarget("chunk-table", [tableSeed], table),
        FuzzTarget("chunk-layout", [[0, 0, 0, 0, 0, 1, 0, 0, 12, 9]], layout),
        FuzzTarget("object-binding", [Array(repeating: 7, count: 300)], binding),
        FuzzTarget("lz4-block", [[0x10, 65, 1, 0], [0xF0, 1] + Array(repeating: 66, count: 16)]) {
            input in
            var reader = InputReader(input)
            var output = [UInt8](repeating: 0, count: Int(reader.byte()) * 16)
            var span = output.mutableSpan
            try? LZ4.decompress(reader.all().span, into: &span)
        },
        FuzzTarget("object-name", [Array("dir/\u{E9}/name".utf8)]) { input in
            guard let name = try? ObjectName(utf8: input) else { return }
            require(name.utf8 == input, "a name changed")
            require((try? ObjectName(name.description)) == name, "a name has no text")
        },
        FuzzTarget("scope-name", [Array("customer-1".utf8)]) { input in
            guard let name = try? ScopeName(text(input)) else { return }
            require(Array(name.description.utf8) == input, "a scope's name changed")
        },
        FuzzTarget("entity-tag", [Array("00ff102030405060708090a0b0c0d0e0".utf8)]) { input in
            _ = EntityTag(text(input)).description
        },
        FuzzTarget("object-id", [Array("00ff102030405060708090a0b0c0d0e0".utf8)]) { input in
            _ = ObjectID(text(input)).description
        },
    ]

    private static var runIndex: RunIndex {
        var index = RunIndex()
        index.chunks = [
            RunIndex.Chunk(
                offset: RunLayout.headerByteCount, sealedByteCount: 70_000, nameCount: 3,
                firstName: Array("a".utf8))
        ]
        index.objects = [RunIndex.Mark(rowID: 9, revision: [UInt8](0..<32))]
        return index
    }

    /// Fields read and written again.
    private static let codec: @Sendable ([UInt8]) -> Void = { input in
        var reader = ByteReader(input)
        var writer = ByteWriter()
        do {
            for step in 0... {
                switch step % 5 {
                case 0: writer.counted(Array(try reader.counted()))
                case 1: writer.integer(try reader.integer(UInt8.self))
                case 2: writer.integer(try reader.integer(Int64.self))
                case 3: writer.counted(try reader.countedText("field"))
                default: writer.fixed(Array(try reader.fixed(byteCount: 3)))
                }
                require(input.starts(with: writer.bytes), "what was read isn't what was written")
            }
        } catch {
            // The input has ended, as all do.
        }
    }

    private static let tableSeed: [UInt8] =
        [12, 0, 0, 48, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0]
        + ChunkTable.encode([
            ChunkTable.Entry(sealedOffset: 0, sealedByteCount: 4112, isLZ4: false),
            ChunkTable.Entry(sealedOffset: 4112, sealedByteCount: 100, isLZ4: true),
            ChunkTable.Entry(sealedOffset: 4212, sealedByteCount: 4112, isLZ4: false),
        ])

    /// A page of a table, of an object of any size, lies within the blob and encodes to itself.
    private static let table: @Sendable ([UInt8]) -> Void = { input in
        var reader = InputReader(input)
        let exponent = reader.byte()
        let byteCount = Int(reader.byte()) << 16 | Int(reader.byte()) << 8 | Int(reader.byte())
        let tableOffset = reader.number() & Int.max
        let page = Int(reader.byte())
        reader.bytes(2).forEach { _ in }
        guard let size = ChunkSize(exponent: exponent),
            let layout = ChunkLayout(byteCount: byteCount, chunkSize: size),
            page < ChunkTable.pageCount(chunkCount: layout.chunkCount)
        else { return }
        let bytes = reader.all()
        let entries = try? ChunkTable.decode(
            page: page, from: bytes, layout: layout, tableOffset: tableOffset)
        guard let entries else { return }
        require(ChunkTable.encode(entries[...]) == bytes, "a page has a second encoding")
        for entry in entries {
            let (end, overflows) = entry.sealedOffset.addingReportingOverflow(entry.sealedByteCount)
            require(!overflows && end <= tableOffset, "an entry lies outside the blob")
        }
    }

    /// The chunks of any object cover it once.
    private static let layout: @Sendable ([UInt8]) -> Void = { input in
        var reader = InputReader(input)
        let byteCount = reader.number()
        let exponent = reader.byte()
        guard let size = ChunkSize(exponent: exponent),
            let layout = ChunkLayout(byteCount: byteCount, chunkSize: size)
        else { return }
        let last = layout.finalIndex
        require(
            layout.offset(ofChunk: last) + layout.byteCount(ofChunk: last) == byteCount,
            "the last chunk doesn't end the object")
        require(
            layout.sealedOffset(ofChunk: last) + layout.sealedByteCount(ofChunk: last)
                == layout.rawStoredByteCount, "the last chunk doesn't end the blob")
        let pages = ChunkTable.pageCount(chunkCount: layout.chunkCount)
        require(
            ChunkTable.sealedOffset(ofPage: pages - 1)
                + ChunkTable.sealedByteCount(ofPage: pages - 1, chunkCount: layout.chunkCount)
                == ChunkTable.sealedByteCount(chunkCount: layout.chunkCount), "pages don't add up")
        guard byteCount > 0 else { return }
        let first = (reader.number() & Int.max) % byteCount
        let end = first + 1 + (reader.number() & Int.max) % (byteCount - first)
        let chunks = layout.chunks(covering: first..<end)
        require(
            layout.offset(ofChunk: chunks.lowerBound) <= first
                && layout.offset(ofChunk: chunks.upperBound - 1) < end,
            "chunks cover another range")
        _ = ChunkNonce.chunk(index: last, isFinal: true, isLZ4: false)
    }

    /// Rows that differ anywhere have different associated data.
    private static let binding: @Sendable ([UInt8]) -> Void = { input in
        var reader = InputReader(input)
        let one = readBinding(&reader)
        let other = readBinding(&reader)
        require(
            (one == other) == (one.encoded() == other.encoded()),
            "two rows have the same associated data")
    }

    private static func readBinding(_ reader: inout InputReader) -> ObjectBinding {
        ObjectBinding(
            storeID: reader.bytes(16), scopeID: reader.bytes(16), tag: reader.bytes(16),
            directory: reader.bytes(16), objectID: reader.bytes(16), entityTag: reader.bytes(16),
            revision: reader.bytes(32),
            byteCount: reader.number() & Int.max, storedByteCount: reader.number() & Int.max,
            chunkSize: ChunkSize(exponent: 12 + reader.byte() % 13) ?? .standard,
            codec: reader.byte() & 1 == 0 ? .raw : .lz4, commitment: reader.bytes(32),
            tableDigest: reader.byte() & 1 == 0 ? nil : reader.bytes(32),
            metadataTag: reader.byte() & 1 == 0 ? nil : reader.bytes(16))
    }
}
