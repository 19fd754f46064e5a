internal import Foundation
internal import Sluice
internal import SluiceAccess
internal import SluiceNative
internal import SluiceVault
internal import Synchronization
internal import TestSupport

/// A process of readers of a real store: hot and cold, whole and by range, to bytes, callbacks, files and
/// pipes; now and then they put and copy. The store stamps each release inside its slot.
struct StoreReader {
    let directoryPath: String
    let threadCount: Int
    let fault: BarrierFault?

    /// Returns when the run is over, or a log is nearly full.
    func run() throws {
        let board = try Board(directoryPath: directoryPath)
        let halves = try StoreHome.Half.allCases.map { half in
            let log = try ReleaseLog(
                path: "\(directoryPath)/\(Environment.processID).\(half.rawValue).stamps")
            return OpenHalf(
                half: half, log: log,
                store: try StoreHome(directoryPath: directoryPath).open(log, fault),
                scope: try StoreHome.scope())
        }
        let threads = try (0..<threadCount).map { index in
            let worker = try Worker(
                name: "\(directoryPath)/\(Environment.processID)-\(index)", halves: halves,
                board: board)
            return try NativeThread.start { worker.run() }
        }
        for thread in threads { thread.join() }
        for half in halves where half.log.hasOverflowed { fail("a release found no room") }
    }

    /// One half of the objects, in a store of its own: what it releases needs the same keys.
    struct OpenHalf: Sendable {
        let half: StoreHome.Half
        let log: ReleaseLog
        let store: Store
        let scope: ScopeName
    }
}

private func fail(_ text: String) -> Never {
    FileHandle.standardError.write(Data("\(text)\n".utf8))
    exit(2)
}

/// One thread of readers.
private final class Worker: Sendable {
    private let name: String
    private let halves: [StoreReader.OpenHalf]
    private let board: Board

    init(name: String, halves: [StoreReader.OpenHalf], board: Board) throws {
        self.name = name
        self.halves = halves
        self.board = board
        let maker = CommandRunner(
            executable: "/usr/bin/mkfifo", environment: [:], workingDirectory: "/")
        guard try maker.run(["\(name).pipe"]).exitCode == 0 else { fail("mkfifo failed") }
        // Open for both, it has no end: it is drained as long as the process lives.
        let pipe = try File.open("\(name).pipe", .readWrite)
        _ = try NativeThread.start {
            var bytes = [UInt8](repeating: 0, count: 65_536)
            while true {
                var span = bytes.mutableSpan
                guard (try? pipe.readSome(into: &span)) != nil else { return }
            }
        }
    }

    func run() {
        while !board.isOver, !halves.contains(where: { $0.log.isNearlyFull }) {
            for half in halves {
                do {
                    try read(half)
                    board.countRead()
                } catch let error as StoreError {
                    let expected: [StoreError.Code] = [.accessDenied, .vaultUnavailable]
                    guard expected.contains(error.code) else {
                        fail("\(error.code): \(error.message)")
                    }
                    NativeThread.sleep(nanoseconds: 100_000)
                } catch {
                    fail("\(error)")
                }
            }
        }
    }

    private func read(_ half: StoreReader.OpenHalf) throws {
        let (store, scope) = (half.store, half.scope)
        let way = Int.random(in: 0..<100)
        // Large ones are read less often: they release once a chunk where they are streamed.
        let index =
            way < 70 ? Int.random(in: 0..<7) : Int.random(in: 0..<StoreHome.chunkCounts.count)
        let object = try StoreHome.name(half.half, index)
        let byteCount = StoreHome.byteCount(index)
        switch way {
        case 0..<60:
            expect(try store.get(object, in: scope).count == byteCount)
        case 60..<75:
            let start = Int.random(in: 0..<byteCount)
            let end = Int.random(in: start + 1...byteCount)
            let bytes = try store.get(object, range: .offsets(start..<end), in: scope)
            expect(bytes.count == end - start)
        case 75..<84:
            try store.get(object, in: scope, to: Sink())
        case 84..<88:
            try store.get(object, in: scope, toFileAt: "\(name).file")
        case 88..<94:
            try store.get(object, in: scope, toFileAt: "\(name).pipe")
        case 94..<96:
            store.forgetObjectKeys()
            expect(try store.get(object, in: scope).count == byteCount)
        case 96..<98 where half.half == .current:
            var options = PutOptions()
            options.chunkByteCount = StoreHome.chunkByteCount
            let own = try ObjectName("put/\(Environment.processID)")
            try store.put(patternedBytes(5000), as: own, in: scope, options: options)
        case 98..<99:
            let own = try ObjectName("copy/\(half.half.rawValue)/\(Environment.processID)")
            try store.copy(object, to: own, in: scope)
        default:
            _ = try store.info(object, in: scope)
        }
    }

    private func expect(_ isSo: Bool) {
        if !isSo { fail("what was read isn't what was put") }
    }

    /// A callback, called inside the slot: now and then it takes long enough to be waited for.
    private final class Sink: ByteSink {
        private let count = Atomic<Int>(0)

        func write(_ bytes: Span<UInt8>) {
            let count = count.wrappingAdd(1, ordering: .relaxed).newValue
            if count % 8 == 0 { NativeThread.sleep(nanoseconds: 300_000) }
        }
    }
}
