import Foundation
@testable import SluiceEngine
import Sluice
import SluiceNative
import Synchronization
import TestSupport
import Testing

@Suite struct RetryingBlobsTests {
    private static let id = [UInt8](repeating: 5, count: 16)

    /// An object store that is down, behind what tries again; the waits are only noted.
    private struct Waiting {
        let store = ObjectStoreDouble()
        let waits = Box<[Int]>([])
        let blobs: RetryingBlobs

        init(_ change: (inout BlobRetryPolicy) -> Void = { _ in }, upAfter count: Int = .max) {
            var policy = BlobRetryPolicy()
            change(&policy)
            let (store, waits) = (store, waits)
            store.setDown(true)
            blobs = RetryingBlobs(store, policy: policy) { nanoseconds in
                waits.update { $0.append(nanoseconds) }
                if waits.value.count == count { store.setDown(false) }
            }
        }
    }

    private func failure(_ body: () throws(BlobError) -> Void) -> BlobError? {
        do throws(BlobError) {
            try body()
            return nil
        } catch {
            return error
        }
    }

    @Test func `what fails for a moment is tried again, less and less often`() {
        let waiting = Waiting(upAfter: 6)
        #expect(failure { () throws(BlobError) in try waiting.blobs.delete([Self.id]) } == nil)
        let waits = waiting.waits.value
        #expect(waits.count == 6)
        for (index, wait) in waits.enumerated() {
            let longest = 50_000_000 << index
            #expect((longest / 2...longest).contains(wait))
        }
    }

    @Test func `there is an end to it, by number and by time`() {
        let few = Waiting { $0.attemptLimit = 4 }
        let error = failure { () throws(BlobError) in try few.blobs.delete([Self.id]) }
        #expect(error?.isTransient == true)
        #expect(few.waits.value.count == 3)
        #expect(few.store.counts.calls == 4)
        let short = Waiting {
            $0.attemptLimit = 1000
            $0.patience = .seconds(30)
            $0.longestDelay = .seconds(2)
        }
        #expect(failure { () throws(BlobError) in try short.blobs.delete([Self.id]) } != nil)
        #expect(short.waits.value.reduce(0, +) < 30_000_000_000)
        #expect(short.waits.value.allSatisfy { $0 <= 2_000_000_000 })
    }

    @Test func `what won't get better isn't tried again`() throws {
        let waiting = Waiting()
        waiting.store.setDown(false)
        let blob = try #require(try waiting.blobs.open(Self.id, byteCount: 5))
        let error = failure { () throws(BlobError) in
            var bytes: [UInt8] = [0, 0]
            var span = bytes.mutableSpan
            _ = try blob.read(into: &span, at: 0)
        }
        #expect(error?.kind == .missing)
        #expect(waiting.waits.value.isEmpty)
    }

    @Test func `what a handler throws isn't tried again`() throws {
        let directory = try TemporaryDirectory()
        let files = try FileBlobBackend(store: .open(directory.path), durability: .none)
        let plan = BlobPlan(expectedByteCount: 3, for: files.properties)
        _ = try files.begin(Self.id, plan: plan)
        let waits = Box(0)
        let blobs = RetryingBlobs(files, policy: BlobRetryPolicy()) { _ in
            waits.update { $0 += 1 }
        }
        var askedCount = 0
        let error = failure { () throws(BlobError) in
            try blobs.recover { _ throws(BlobError) in
                askedCount += 1
                throw BlobError(ending: StoreError(.noSpace, "no room"))
            }
        }
        #expect((error?.cause as? StoreError)?.code == .noSpace)
        #expect(askedCount == 1 && waits.value == 0)
    }
}
