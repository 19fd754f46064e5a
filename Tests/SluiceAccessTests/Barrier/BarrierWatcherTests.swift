import SluiceNative
import Synchronization
import TestSupport
import Testing

@testable import SluiceAccess

@Suite struct BarrierWatcherTests {
    private let directory: BarrierDirectory

    init() throws { directory = try BarrierDirectory() }

    /// The highest epoch that was told of.
    private final class Listener: Sendable {
        let epoch = Atomic<UInt64>(0)
        func hear(_ told: UInt64) { epoch.store(told, ordering: .sequentiallyConsistent) }
        var heard: UInt64 { epoch.load(ordering: .sequentiallyConsistent) }
    }

    @Test func `a change in another barrier of the directory is told`() throws {
        let (watching, changing) = (try directory.open(), try directory.open())
        let listeners = [Listener(), Listener()]
        let registrations = try listeners.map { listener in
            try watching.onAdvance { listener.hear($0) }
        }
        for epoch: UInt64 in [4, 6, 8] {
            _ = try changing.change(waiting: .none) {}
            for listener in listeners { #expect(eventually { listener.heard == epoch }) }
        }
        withExtendedLifetime(registrations) {}
    }

    @Test func `a change and an end wake the thread, which needn't look by itself`() throws {
        let (watching, changing) = (try directory.open(), try directory.open())
        let watcher = BarrierWatcher(watching.memory, pollNanoseconds: 3_600_000_000_000)
        let listener = Listener()
        _ = try watcher.add { listener.hear($0) }
        for epoch: UInt64 in [4, 6] {
            _ = try changing.change(waiting: .none) {}
            #expect(eventually { listener.heard == epoch })
        }
        watcher.stop()
    }

    @Test func `a change in memory is told`() throws {
        let barrier = try ReadBarrier.inMemory()
        let listener = Listener()
        let registration = try barrier.onAdvance { listener.hear($0) }
        _ = try barrier.change(waiting: .none) {}
        #expect(eventually { listener.heard == 4 })
        withExtendedLifetime(registration) {}
    }

    @Test func `what is told was committed`() throws {
        let barrier = try directory.open()
        let committed = Atomic<UInt64>(2)
        let listener = Listener()
        let registration = try barrier.onAdvance { epoch in
            let stable = epoch & ~1
            #expect(committed.load(ordering: .sequentiallyConsistent) >= stable)
            listener.hear(epoch)
        }
        for epoch: UInt64 in stride(from: 4, through: 200, by: 2) {
            _ = try barrier.change(waiting: .none) {
                committed.store(epoch, ordering: .sequentiallyConsistent)
            }
        }
        #expect(eventually { listener.heard == 200 })
        registration.cancel()
    }

    @Test func `a cancelled registration is told no more, the others are`() throws {
        let barrier = try directory.open()
        let (cancelled, dropped, kept) = (Listener(), Listener(), Listener())
        let first = try barrier.onAdvance { cancelled.hear($0) }
        var second: GateRegistration? = try barrier.onAdvance { dropped.hear($0) }
        let third = try barrier.onAdvance { kept.hear($0) }
        first.cancel()
        withExtendedLifetime(second) {}
        second = nil
        _ = try barrier.change(waiting: .none) {}
        #expect(eventually { kept.heard == 4 })
        #expect(cancelled.heard == 0)
        #expect(dropped.heard == 0)
        withExtendedLifetime(third) {}
    }

    @Test func `closing ends the watching, also from inside a callback`() throws {
        let (barrier, other) = (try directory.open(), try directory.open())
        let listener = Listener()
        let registration = try barrier.onAdvance { [weak barrier] epoch in
            barrier?.close()
            listener.hear(epoch)
        }
        _ = try other.change(waiting: .none) {}
        #expect(eventually { listener.heard == 4 })
        _ = try other.change(waiting: .none) {}
        barrier.close()
        #expect(listener.heard == 4)
        #expect(refusal { () throws(VaultError) in try barrier.onAdvance { _ in } } == .closed)
        withExtendedLifetime(registration) {}
    }

    @Test func `an epoch that stays odd is told again and again`() throws {
        let barrier = try directory.open()
        let count = Atomic<Int>(0)
        let registration = try barrier.onAdvance { epoch in
            if epoch == 3 { count.add(1, ordering: .sequentiallyConsistent) }
        }
        // As a change leaves it whose maker died.
        barrier.memory.store64(3, at: BarrierLayout.epochOffset)
        #expect(eventually { count.load(ordering: .sequentiallyConsistent) >= 2 })
        #expect(try barrier.confirm(waiting: .none).epoch == 4)
        withExtendedLifetime(registration) {}
    }
}
