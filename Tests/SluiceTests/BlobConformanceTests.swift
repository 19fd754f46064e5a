import Foundation
import Sluice
import SluiceEngine
import SluiceNative
import TestSupport
import Testing

/// Every backend keeps every promise, and a backend that breaks one is seen to.
@Suite struct BlobConformanceTests {
    /// The backends.
    enum Kind: CaseIterable, Sendable {
        case files, filesWithoutSync, memory, objectStore, objectStoreWithoutLag
        /// An object store of which one in twelve calls fails, behind what tries again.
        case flakyObjectStore
        /// What a store makes of an object store: notes, and trying again.
        case memoryWithRetries
        /// One that a program writes.
        case own
    }

    /// A backend without blobs, and what keeps it.
    struct Fixture {
        let directory: TemporaryDirectory
        let checks: BlobConformance

        init(_ kind: Kind) throws {
            directory = try TemporaryDirectory()
            switch kind {
            case .files, .filesWithoutSync:
                checks = BlobConformance(
                    backend: try FileBlobBackend(
                        store: .open(directory.path), durability: kind == .files ? .full : .none))
            case .own: checks = BlobConformance(backend: Shelf())
            case .memory: checks = BlobConformance(backend: MemoryBlobBackend())
            case .memoryWithRetries:
                checks = BlobConformance(backend: RetryingBlobs(MemoryBlobBackend()))
            case .objectStore, .objectStoreWithoutLag:
                var rules = ObjectStoreDouble.Rules()
                if kind == .objectStoreWithoutLag { rules.listLag = 0 }
                let store = ObjectStoreDouble(rules)
                checks = BlobConformance(backend: store, settle: { store.settleListings() })
            case .flakyObjectStore:
                checks = Self.flaky(nil)
            }
        }

        /// An object store of which one in twelve calls fails, behind what tries again.
        static func flaky(_ breach: ObjectStoreDouble.Breach?) -> BlobConformance {
            var rules = ObjectStoreDouble.Rules()
            rules.failuresPerThousand = breach == nil ? 80 : 400
            rules.parts = BlobPartLimits(
                minimumByteCount: 64 << 10, maximumByteCount: 1 << 20, maximumCount: 100)
            rules.breach = breach
            let store = ObjectStoreDouble(rules)
            var policy = BlobRetryPolicy()
            policy.attemptLimit = 100
            policy.patience = .seconds(3600)
            let retrying = RetryingBlobs(store, policy: policy) { _ in }
            return BlobConformance(backend: retrying, settle: { store.settleListings() })
        }
    }

    @Test(arguments: Kind.allCases, BlobConformance.Promise.allCases)
    func `a backend keeps what it promises`(
        kind: Kind, promise: BlobConformance.Promise
    ) throws {
        let fixture = try Fixture(kind)
        #expect(try fixture.checks.violations(of: promise) == [])
    }

    @Test(arguments: BrokenBlobs.Fault.allCases)
    func `a promise that is broken is seen`(fault: BrokenBlobs.Fault) throws {
        let fixture = try Fixture(.filesWithoutSync)
        let sound = try fixture.checks.violations(of: fault.promise)
        #expect(sound == [])
        let second = try Fixture(.filesWithoutSync)
        let base: any BlobBackend =
            switch fault {
            case .showsUncommitted, .appendsPieces: MemoryBlobBackend()
            default: second.checks.backend
            }
        let broken = BlobConformance(backend: BrokenBlobs(base: base, fault: fault))
        // Seen by what it says, or by what it throws.
        let found = (try? broken.violations(of: fault.promise)) ?? ["it has thrown"]
        #expect(!found.isEmpty)
    }

    @Test(arguments: ObjectStoreDouble.Breach.allCases)
    func `what breaks trying again is seen where calls fail`(
        breach: ObjectStoreDouble.Breach
    ) throws {
        // Some call of these fails after its effect, in some of the rounds.
        let promises: [BlobConformance.Promise] = [.wholeBlobs, .deleting, .anyOrder]
        let isSeen = promises.contains { promise in
            let checks = Fixture.flaky(breach)
            return (0..<5).contains { _ in
                (try? checks.violations(of: promise)) != []
            }
        }
        #expect(isSeen)
    }
}
