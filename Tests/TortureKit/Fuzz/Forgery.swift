internal import SluiceFormat
internal import SluiceNative

/// An object's parts, changed as an input says, and not sealed yet.
struct Forgery {
    private(set) var byteCount: Int
    private(set) var exponent: UInt8
    private(set) var codec: UInt8
    private(set) var document: [UInt8]
    /// Whether anything is other than it was put.
    private(set) var isChanged = false
    private var storedByteCount: Int?
    private var entries: [ChunkTable.Entry] = []
    /// What the chunks seal: bytes, or LZ4 blocks.
    private var chunks: [[UInt8]] = []
    private var hasDigest: Bool
    private var blobByteCount: Int?

    /// What a store keeps of it.
    struct Sealed {
        var blob: [UInt8]
        var storedByteCount: Int
        var digest: [UInt8]?
        var commitment: [UInt8]
    }

    init(
        content: [UInt8], isLZ4: Bool, name: [UInt8], exponent: UInt8, _ reader: inout InputReader
    ) {
        byteCount = content.count
        self.exponent = exponent
        codec = isLZ4 ? 1 : 0
        hasDigest = isLZ4
        document =
            ObjectDocument(
                name: name, createdMilliseconds: 1, modifiedMilliseconds: 1,
                properties: [.contentType: Array("text/plain".utf8)]
            ).encoded()
        cut(content, isLZ4)
        while !reader.isEmpty {
            isChanged = true
            change(&reader)
        }
    }

    private mutating func cut(_ content: [UInt8], _ isLZ4: Bool) {
        var compressor = LZ4Compressor()
        var end = 0
        let chunkByteCount = 1 << Int(exponent)
        for start in stride(from: 0, to: content.count, by: chunkByteCount) {
            let chunk = Array(content[start..<min(start + chunkByteCount, content.count)])
            var block = [UInt8](repeating: 0, count: chunk.count - 1)
            var span = block.mutableSpan
            let count = isLZ4 ? compressor.compress(chunk.span, into: &span) : nil
            chunks.append(count.map { Array(block.prefix($0)) } ?? chunk)
            let sealedByteCount = (count ?? chunk.count) + Format.tagByteCount
            entries.append(
                ChunkTable.Entry(
                    sealedOffset: end, sealedByteCount: sealedByteCount, isLZ4: count != nil))
            end += sealedByteCount
        }
    }

    /// One change: which, and what it needs.
    private mutating func change(_ reader: inout InputReader) {
        let kind = reader.byte() % 10
        let index = Int(reader.byte()) % entries.count
        switch kind {
        case 0: byteCount = reader.number()
        case 1: storedByteCount = reader.number()
        case 2: exponent = reader.byte()
        case 3: codec = reader.byte()
        case 4:
            entries[index].sealedOffset = reader.number()
            entries[index].sealedByteCount =
                (Int(reader.byte()) << 16 | Int(reader.byte()) << 8 | Int(reader.byte())) << 4
        case 5: entries[index].isLZ4.toggle()
        case 6:
            let start = Int(reader.byte()) % (chunks[index].count + 1)
            let bytes = reader.bytes(Int(reader.byte() % 16))
            chunks[index].replaceSubrange(
                start..<min(chunks[index].count, start + bytes.count), with: bytes)
        case 7:
            let start = Int(reader.byte()) % (document.count + 1)
            let bytes = reader.bytes(Int(reader.byte() % 16))
            document.replaceSubrange(
                start..<min(document.count, start + Int(reader.byte() % 16)), with: bytes)
        case 8: hasDigest.toggle()
        default: blobByteCount = Int(reader.byte()) << 8 | Int(reader.byte())
        }
    }

    // MARK: Sealing

    /// Seals the parts under these keys: chunk key, table key, commitment.
    func sealed(_ keys: [UInt8], _ library: CryptoLibrary) throws -> Sealed {
        var blob: [UInt8] = []
        for (index, chunk) in chunks.enumerated() {
            let nonce = ChunkNonce.chunk(
                index: index, isFinal: index == chunks.count - 1,
                isLZ4: codec != 0 && entries[index].isLZ4)
            blob += try Self.seal(chunk, keys.span.extracting(0..<32), nonce, [], library)
        }
        var digest: [UInt8]?
        if hasDigest {
            let table = try Self.seal(
                encodedEntries(), keys.span.extracting(32..<64),
                ChunkNonce.tablePage(index: 0, isFinal: true), [], library)
            blob += table
            var stream = try SHA256Stream(library)
            try stream.update(table.span)
            let value = try stream.finish()
            digest = value.indices.map { value[$0] }
        }
        if let blobByteCount { blob = Array(blob.prefix(blobByteCount)) }
        return Sealed(
            blob: blob, storedByteCount: storedByteCount ?? blob.count, digest: digest,
            commitment: Array(keys[64..<96]))
    }

    /// As the table encodes them, whatever they say.
    private func encodedEntries() -> [UInt8] {
        var writer = ByteWriter()
        for entry in entries {
            writer.integer(Int64(entry.sealedOffset))
            writer.integer(UInt32(entry.sealedByteCount) | (entry.isLZ4 ? 1 << 31 : 0))
        }
        return writer.bytes
    }

    /// Seals bytes under a key.
    static func seal(
        _ bytes: [UInt8], _ key: Span<UInt8>, _ nonce: [12 of UInt8], _ binding: [UInt8],
        _ library: CryptoLibrary
    ) throws(CryptoError) -> [UInt8] {
        var cipher = try AES256GCM(library)
        try cipher.setKey(key)
        return try [UInt8](filling: bytes.count + Format.tagByteCount) {
            output throws(CryptoError) in
            try cipher.seal(
                bytes.span, nonce: nonce, authenticating: binding.span, into: &output)
        }
    }
}
