#if Service
internal import Sluice
internal import SluiceAccess
internal import SluiceNative
internal import SluiceREST
internal import Synchronization

/// The content of a request's body: taken out of its structure, if it has one, and compared at its end with what the request says
/// of it. One thread at a time.
final class BlobBody: ByteSource {
    private struct State: ~Copyable {
        var md5: MD5Stream?
        var crc64: CRC64?
        var decoder: StructuredBodyDecoder?
        var byteCount = 0
        /// Content that was read and not given yet.
        var arrived: [UInt8] = []
        var given = 0
    }

    /// The checksums of what came; of those that were asked for.
    struct Digests: Sendable {
        var md5: [UInt8]?
        var crc64: UInt64?
    }

    private let exchange: Exchange
    private let transfer: BodyTransfer
    private let state: Mutex<State>
    private let result = Mutex(Digests())

    /// - Parameter wantsMD5: Whether the MD5 is to be made, also if it isn't compared.
    init(
        _ exchange: Exchange, _ transfer: BodyTransfer, wantsMD5: Bool, _ library: CryptoLibrary
    ) {
        self.exchange = exchange
        self.transfer = transfer
        let sums = transfer.checksums
        var state = State()
        if wantsMD5 || sums.md5 != nil { state.md5 = try? MD5Stream(library) }
        if sums.crc64 != nil { state.crc64 = CRC64() }
        if transfer.isStructured {
            state.decoder = StructuredBodyDecoder(
                byteCount: transfer.byteCount, contentByteCount: transfer.contentByteCount)
        }
        self.state = Mutex(state)
    }

    /// The checksums, when all was read.
    var digests: Digests { result.withLock { $0 } }

    func read(into buffer: inout MutableSpan<UInt8>) throws -> Int {
        let count = try fill(&buffer)
        let taken = buffer.span.extracting(first: count)
        try state.withLock { state in
            if count == 0 { return try finish(&state) }
            try state.md5?.update(taken)
            state.crc64?.update(taken)
            state.byteCount += count
        }
        return count
    }

    private func fill(_ buffer: inout MutableSpan<UInt8>) throws -> Int {
        guard transfer.isStructured else { return try exchange.read(into: &buffer) }
        return try state.withLock { state in
            while state.given == state.arrived.count {
                var raw = [UInt8](repeating: 0, count: 64 << 10)
                var span = raw.mutableSpan
                let count = try exchange.read(into: &span)
                if count == 0 { return 0 }
                let bytes = raw.span.extracting(first: count)
                let ranges = try state.decoder?.decode(bytes) ?? []
                state.arrived = ranges.flatMap { Array(raw[$0]) }
                state.given = 0
            }
            let (arrived, given) = (state.arrived, state.given)
            let count = min(buffer.count, arrived.count - given)
            buffer.copyPrefix(of: arrived.span.extracting(given..<given + count))
            state.given = given + count
            return count
        }
    }

    private func finish(_ state: inout State) throws {
        if let decoder = state.decoder { try decoder.finish() }
        guard state.byteCount == transfer.contentByteCount else {
            throw BlobRefusal(.unmatchedContentLength)
        }
        var digests = Digests()
        if let stream = state.md5.take() { digests.md5 = try stream.finish() }
        digests.crc64 = state.crc64?.value
        try transfer.checksums.check(md5: digests.md5, crc64: digests.crc64)
        let made = digests
        result.withLock { $0 = made }
    }
}
#endif
