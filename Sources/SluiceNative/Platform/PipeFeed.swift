internal import CLinux
internal import Glibc
internal import Synchronization

/// Feeds a pipe that others share without ever waiting for it: bytes lie ready in a pipe of our own, and the
/// system moves as many from there as the other has room for. Belongs to one thread at a time.
final class PipeFeed: Sendable {
    private let reader: File
    private let writer: File
    /// Bytes that were offered and lie ready: the next offer begins with them.
    private let readyByteCount = Atomic<Int>(0)

    init() throws(SystemError) {
        var ends: [Int32] = [-1, -1]
        _ = try systemCall("pipe2", path: nil) { unsafe pipe2(&ends, O_CLOEXEC | O_NONBLOCK) }
        reader = File(descriptor: ends[0], path: nil)
        writer = File(descriptor: ends[1], path: nil)
    }

    /// Moves as many of `bytes` as `pipe` takes now; throws `EAGAIN` if it takes none.
    func offer(_ bytes: Span<UInt8>, to pipe: File) throws(SystemError) -> Int {
        if readyByteCount.load(ordering: .relaxed) == 0 {
            let count = try unsafe bytes.withUnsafeBytes { (buffer) throws(SystemError) in
                try systemCall("write", path: pipe.path) {
                    unsafe Glibc.write(writer.descriptor, buffer.baseAddress, buffer.count)
                }
            }
            readyByteCount.store(count, ordering: .relaxed)
        }
        let wanted = readyByteCount.load(ordering: .relaxed)
        guard wanted > 0 else { return 0 }
        let count = try systemCall("splice", path: pipe.path) {
            splice(
                reader.descriptor, nil, pipe.descriptor, nil, wanted,
                UInt32(SLUICE_SPLICE_F_NONBLOCK))
        }
        readyByteCount.subtract(count, ordering: .relaxed)
        return count
    }
}
