internal import SluiceNative
internal import Synchronization

/// Things that one thread at a time uses and that are dear to make: connections, cipher contexts,
/// worker buffers.
///
/// A caller never waits: if none is idle, one more is made, so there are as many as were ever used
/// at once, of which the pool keeps `idleLimit`. Thread-safe.
final class ResourcePool<Element: ~Copyable & Sendable>: Sendable {
    /// A place that holds one element. Its lock is never contended, for whoever took the slot from
    /// the pool has it alone; it is there so that the compiler can see that, too.
    private final class Slot: Sendable {
        let element: Mutex<Element>
        /// How often the pool had been drained when this was made.
        let generation: Int

        init(_ element: consuming sending Element, generation: Int) {
            self.element = Mutex(element)
            self.generation = generation
        }
    }

    private struct State {
        var idle: [Slot] = []
        var generation = 0
    }

    private let state = Guarded(State())
    private let idleLimit: Int
    private let make: @Sendable () throws(StoreError) -> Element

    /// An empty pool whose elements `make` makes.
    init(idleLimit: Int, make: @escaping @Sendable () throws(StoreError) -> Element) {
        self.idleLimit = idleLimit
        self.make = make
    }

    /// Adds an element that was made already.
    func add(_ element: consuming sending Element) {
        let slot = Slot(element, generation: state.withLock { $0.generation })
        state.withLock { $0.idle.append(slot) }
    }

    /// Lends an element to `body`.
    func withElement<Result: Sendable>(
        _ body: (inout Element) throws(StoreError) -> Result
    ) throws(StoreError) -> Result {
        let slot = try takeSlot()
        defer {
            state.withLock { state in
                if state.idle.count < idleLimit, state.generation == slot.generation {
                    state.idle.append(slot)
                }
            }
        }
        return try slot.element.withLock { element throws(StoreError) in try body(&element) }
    }

    private func takeSlot() throws(StoreError) -> Slot {
        let (idle, generation) = state.withLock { ($0.idle.popLast(), $0.generation) }
        if let idle { return idle }
        return Slot(try make(), generation: generation)
    }

    /// Lets go of every idle element, and of those in use as soon as they come back.
    func drain() {
        let dropped = state.withLock { state in
            state.generation += 1
            defer { state.idle = [] }
            return state.idle
        }
        // Wiping takes time, and isn't done under the lock.
        withExtendedLifetime(dropped) {}
    }
}
