internal import SluiceNative

extension BlobBackend {
    /// Copies blobs by reading them here and writing them there.
    public func copy(
        _ blobs: [BlobEntry], to target: any BlobBackend, isSharing: Bool,
        _ copied: (BlobEntry) throws(BlobError) -> Void
    ) throws(BlobError) {
        try copyByReading(blobs, to: target, copied)
    }

    func copyByReading(
        _ blobs: [BlobEntry], to target: any BlobBackend,
        _ copied: (BlobEntry) throws(BlobError) -> Void
    ) throws(BlobError) {
        for blob in blobs {
            try copyByReading(blob, to: target)
            try copied(blob)
        }
    }

    private func copyByReading(
        _ blob: BlobEntry, to target: any BlobBackend
    ) throws(BlobError) {
        let place = String(hexadecimal: blob.objectID)
        guard let source = try open(blob.objectID, byteCount: blob.byteCount) else {
            throw BlobError(.missing, "there is no such blob", place: place)
        }
        let plan = BlobPlan(expectedByteCount: blob.byteCount, for: target.properties)
        let copy = try target.begin(blob.objectID, plan: plan)
        do throws(BlobError) {
            guard try copyBytes(of: source, blob.byteCount, to: copy, plan.parts) else {
                throw BlobError(
                    .damaged, "it doesn't have \(blob.byteCount) bytes", place: place)
            }
            try copy.commit(byteCount: blob.byteCount)
        } catch {
            copy.abort()
            throw error
        }
        copy.finish()
    }

    /// Whether the source has as many bytes as that, all of which were copied.
    private func copyBytes(
        of source: any BlobReading, _ byteCount: Int, to copy: any BlobWriting, _ parts: BlobParts?
    ) throws(BlobError) -> Bool {
        guard source.byteCount == byteCount else { return false }
        var buffer: [UInt8] = []
        var offset = 0
        while offset < byteCount {
            guard let end = Self.end(ofPieceAt: offset, parts) else {
                throw BlobError(.refused, "it is larger than the backend's blobs can be")
            }
            let count = min(end, byteCount) - offset
            if buffer.count != count { buffer = [UInt8](repeating: 0, count: count) }
            var piece = buffer.mutableSpan
            guard try source.read(into: &piece, at: offset) == count else { return false }
            try copy.write(buffer.span, at: offset)
            offset += count
        }
        return true
    }

    private static func end(ofPieceAt offset: Int, _ parts: BlobParts?) -> Int? {
        guard let parts else { return offset + pieceByteCount }
        return parts.index(at: offset).map { parts.range(ofPart: $0).upperBound }
    }

    /// What is read at a time where the target takes any bytes.
    private static var pieceByteCount: Int { 1 << 20 }
}
