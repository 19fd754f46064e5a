internal import SluiceNative

/// A blob that lies in memory, or is mapped there, and lends its bytes without copying them.
package protocol LendingBlob: BlobReading {
    /// Lends the bytes at `offset`, `byteCount` of them or as many as there are, to `body`; false, with `body` not
    /// called, if they don't lie in one piece.
    func lend<Failure: Error>(
        at offset: Int, byteCount: Int, _ body: (Span<UInt8>) throws(Failure) -> Void
    ) throws(Failure) -> Bool
}
