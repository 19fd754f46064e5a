import Foundation
@testable import SluiceEngine
import Sluice
import SluiceNative
import Synchronization
import TestSupport
import Testing

@Suite struct PartGatheringTests {
    private static let limits = BlobPartLimits(
        minimumByteCount: 1000, maximumByteCount: 4000, maximumCount: 50)

    /// Keeps the parts it is given; holds all of them up, or fails at one, if it is told to.
    private final class Parts: BlobWriting {
        let written = Mutex<[Int: [UInt8]]>([:])
        let isHeld = Mutex(false)
        let committed = Mutex<Int?>(nil)
        let endCount = Atomic<Int>(0)
        let failsAt: Int?

        init(failsAt: Int? = nil) { self.failsAt = failsAt }

        func write(_ bytes: Span<UInt8>, at offset: Int) throws(BlobError) {
            while isHeld.withLock({ $0 }) { usleep(1000) }
            if offset == failsAt { throw BlobError(.noSpace, "it is full") }
            let copy = [UInt8](copying: bytes)
            written.withLock { $0[offset] = copy }
        }

        func commit(byteCount: Int) throws(BlobError) { committed.withLock { $0 = byteCount } }
        func finish() { endCount.add(1, ordering: .relaxed) }
        func abort() { endCount.add(1, ordering: .relaxed) }

        var bytes: [UInt8] {
            written.withLock { parts in parts.sorted { $0.key < $1.key }.flatMap(\.value) }
        }
    }

    private func gathering(
        _ base: Parts, expected byteCount: Int? = nil, requestsInFlight: Int = 3
    ) -> (PartGathering, BlobParts) {
        let parts = BlobParts(Self.limits, expectedByteCount: byteCount)
        return (PartGathering(base, parts: parts, requestsInFlight: requestsInFlight), parts)
    }

    @Test(arguments: [0, 1, 999, 1000, 1001, 2000, 16_016, 40_017])
    func `chunks of any size become whole parts, in any number of threads`(
        byteCount: Int
    ) throws {
        for (chunkByteCount, threadCount) in [(272, 1), (272, 4), (1000, 2), (3017, 3)] {
            let bytes = patternedBytes(byteCount)
            let base = Parts()
            let (gathering, parts) = gathering(base, expected: byteCount)
            let next = Box(0)
            // As the data plane does: each takes the next chunk, and carries it there.
            try together(threadCount) { _ in
                while true {
                    var start = 0
                    next.update { offset in
                        start = offset
                        offset += chunkByteCount
                    }
                    guard start < byteCount else { return }
                    let end = min(start + chunkByteCount, byteCount)
                    try gathering.write(bytes.span.extracting(start..<end), at: start)
                }
            }
            try gathering.commit(byteCount: byteCount)
            gathering.finish()
            #expect(base.bytes == bytes)
            #expect(base.committed.withLock { $0 } == byteCount)
            for (offset, part) in base.written.withLock({ $0 }) {
                let range = parts.range(ofPart: try #require(parts.index(at: offset)))
                #expect(range.lowerBound == offset)
                #expect(part.count == range.count || offset + part.count == byteCount)
            }
        }
    }

    @Test func `memory is bounded: who is ahead of the backend waits`() throws {
        let base = Parts()
        base.isHeld.withLock { $0 = true }
        let (gathering, _) = gathering(base, expected: 20_000, requestsInFlight: 2)
        let bytes = patternedBytes(20_000)
        let written = Box(0)
        let thread = Thread {
            for start in stride(from: 0, to: 20_000, by: 100) {
                try? gathering.write(bytes.span.extracting(start..<start + 100), at: start)
                written.update { $0 = start + 100 }
            }
        }
        thread.start()
        #expect(eventually { written.value == 4000 })
        usleep(50_000)
        // Two that are being written, and two more.
        #expect(written.value == 4000)
        base.isHeld.withLock { $0 = false }
        #expect(eventually { written.value == 20_000 })
        try gathering.commit(byteCount: 20_000)
        #expect(base.bytes == bytes)
    }

    @Test func `whoever is behind finds a buffer, however far others are ahead`() throws {
        let base = Parts()
        let (gathering, _) = gathering(base, expected: 20_000, requestsInFlight: 1)
        let bytes = patternedBytes(20_000)
        // One byte of each part is late.
        let isAhead = Box(false)
        try together(2) { thread in
            if thread == 0 {
                for start in stride(from: 0, to: 20_000, by: 1000) {
                    if start == 1000 { isAhead.update { $0 = true } }
                    try gathering.write(
                        bytes.span.extracting(start + 1..<start + 1000), at: start + 1)
                }
            } else {
                _ = eventually { isAhead.value }
                usleep(20_000)
                for start in stride(from: 0, to: 20_000, by: 1000) {
                    try gathering.write(bytes.span.extracting(start..<start + 1), at: start)
                }
            }
        }
        try gathering.commit(byteCount: 20_000)
        #expect(base.bytes == bytes)
    }

    @Test func `what is given up holds nobody up`() throws {
        let base = Parts()
        let (gathering, _) = gathering(base, requestsInFlight: 1)
        let bytes = patternedBytes(1000)
        let failed = Box(false)
        let thread = Thread {
            // Parts lack a byte each, and the first doesn't come: the third has no buffer.
            for index in 1..<10 {
                do {
                    let most = bytes.span.extracting(droppingLast: 1)
                    try gathering.write(most, at: index * 1000)
                } catch {
                    failed.update { $0 = true }
                }
            }
        }
        thread.start()
        usleep(50_000)
        gathering.stop()
        #expect(eventually { failed.value })
        gathering.abort()
        #expect(base.endCount.load(ordering: .relaxed) == 1)
    }

    @Test func `a part that fails ends the writing, and nothing is committed`() throws {
        let base = Parts(failsAt: 2000)
        let (gathering, _) = gathering(base)
        let bytes = patternedBytes(20_000)
        var kind: BlobError.Kind?
        do throws(BlobError) {
            for start in stride(from: 0, to: 20_000, by: 500) {
                try gathering.write(bytes.span.extracting(start..<start + 500), at: start)
            }
            try gathering.commit(byteCount: 20_000)
        } catch {
            kind = error.kind
        }
        #expect(kind == .noSpace)
        #expect(base.committed.withLock { $0 } == nil)
    }

    @Test func `what is larger than the parts can hold is refused`() throws {
        let (gathering, parts) = gathering(Parts())
        do throws(BlobError) {
            try gathering.write([1].span, at: parts.capacityByteCount)
            Issue.record("it was taken")
        } catch {
            #expect(error.kind == .refused)
        }
    }
}

@Suite struct BlobPartsTests {
    @Test(arguments: [1, 2, 5, 10, 19, 100, 10_000], [nil, 0, 1, 999, 100_000, 10_000_000])
    func `parts follow each other, within the rules`(count: Int, expected: Int?) throws {
        let limits = BlobPartLimits(
            minimumByteCount: 1000, maximumByteCount: 1 << 20, maximumCount: count)
        let parts = BlobParts(limits, expectedByteCount: expected)
        var offset = 0
        for index in 0..<count {
            let range = parts.range(ofPart: index)
            #expect(range.lowerBound == offset)
            #expect((1000...1 << 20).contains(range.count))
            #expect(parts.index(at: range.lowerBound) == index)
            #expect(parts.index(at: range.upperBound - 1) == index)
            offset = range.upperBound
        }
        #expect(parts.capacityByteCount == offset)
        #expect(parts.index(at: offset) == nil)
        #expect(parts.index(at: -1) == nil)
        if let expected, expected < count * 1000 { #expect(offset >= expected) }
    }

    @Test func `what S3 takes holds any object, and a small one in small parts`() {
        let limits = BlobPartLimits(
            minimumByteCount: 5 << 20, maximumByteCount: 5 << 30, maximumCount: 10_000)
        let unknown = BlobParts(limits, expectedByteCount: nil)
        #expect(unknown.capacityByteCount > 4 << 40)
        #expect(unknown.range(ofPart: 999).count == 5 << 20)
        for expected in [1 << 30, 40 << 30, 1 << 40, 5 << 40] {
            let parts = BlobParts(limits, expectedByteCount: expected)
            // A table comes behind the chunks of an object that is compressed.
            #expect(parts.capacityByteCount > expected + expected / 20)
            #expect(parts.range(ofPart: 0).count <= max(5 << 20, expected / 8999))
        }
    }
}
