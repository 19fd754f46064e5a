internal import Foundation
import Sluice
import SluiceFormat
import SluiceNative
import TestSupport
import Testing

@testable import SluiceEngine

@Suite struct OrderedTargetTests {
    private static let chunkSize = 4096

    /// Has each of `workerCount` threads bring one chunk, the last chunk first, and returns what was
    /// delivered. The chunk at `failing` can't be opened.
    private func deliver(workerCount: Int, failing: Int? = nil) throws -> [UInt8] {
        let layout = try #require(
            ChunkLayout(
                byteCount: workerCount * Self.chunkSize,
                chunkSize: ChunkSize(byteCount: Self.chunkSize) ?? .standard))
        let taken = Box<[UInt8]>([])
        let target = OrderedTarget(
            range: 0..<layout.byteCount, layout: layout, workerCount: workerCount,
            halt: Halt(Cancellation())
        ) { bytes in
            let byte = bytes[0]
            taken.update { $0.append(byte) }
        }
        try together(workerCount) { thread in
            Thread.sleep(forTimeInterval: 0.02 * Double(workerCount - thread))
            var buffer = try Worker.buffer(Self.chunkSize)
            let code = failure {
                try target.receive(
                    at: thread * Self.chunkSize, byteCount: Self.chunkSize, buffer: &buffer
                ) { chunk throws(StoreError) in
                    if thread == failing { throw StoreError(.integrity, "damaged") }
                    chunk[0] = UInt8(thread)
                }
            }
            #expect(code == (thread == failing ? .integrity : nil))
        }
        return taken.value
    }

    @Test(arguments: [1, 2, 3, 6])
    func `chunks that come in the wrong order are delivered in the right one`(
        workerCount: Int
    ) throws {
        #expect(try deliver(workerCount: workerCount) == (0..<workerCount).map { UInt8($0) })
    }

    @Test(arguments: 0..<4)
    func `nothing behind a chunk that fails is delivered, and nobody waits for ever`(
        failing: Int
    ) throws {
        #expect(
            try deliver(workerCount: 4, failing: failing) == (0..<failing).map { UInt8($0) })
    }
}
