internal import SluiceNative

/// Which file a directory's barrier is: what `barrier.nonce` holds.
///
///     offset  size  meaning
///          0    16  nonce, which the barrier holds too
///         16     8  the barrier's inode
///         24     8  when it was made, in nanoseconds since 1970; 0 where the file system doesn't keep that
///
/// A copy of a barrier has the same nonce, and is another file, which readers of the first don't see. The
/// device isn't noted: some file systems get another number at every boot.
struct BarrierNote: Sendable {
    static let byteCount = BarrierLayout.nonceByteCount + 16

    let nonce: [UInt8]
    let inode: UInt64
    let birthNanoseconds: UInt64

    /// The note of a barrier that is open.
    init(nonce: [UInt8], of file: File) throws(SystemError) {
        self.nonce = nonce
        inode = try file.status().inode
        birthNanoseconds = UInt64(bitPattern: Int64(file.birthNanoseconds))
    }

    /// Nil if the bytes are no note.
    init?(decoding bytes: [UInt8]) {
        guard bytes.count == Self.byteCount else { return nil }
        nonce = Array(bytes[..<BarrierLayout.nonceByteCount])
        inode = BarrierLayout.word(bytes, at: BarrierLayout.nonceByteCount)
        birthNanoseconds = BarrierLayout.word(bytes, at: BarrierLayout.nonceByteCount + 8)
    }

    var encoded: [UInt8] {
        nonce + BarrierLayout.bytes(of: inode) + BarrierLayout.bytes(of: birthNanoseconds)
    }

    /// Whether two notes are of one file. Where one doesn't know when it was made, the inode decides.
    func isOfSameFile(as other: BarrierNote) -> Bool {
        guard inode == other.inode else { return false }
        return birthNanoseconds == other.birthNanoseconds || birthNanoseconds == 0
            || other.birthNanoseconds == 0
    }
}
