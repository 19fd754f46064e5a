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

        init(_ element: consuming sending Element) {
            self.element = Mutex(element)
        }
    }

    private let idle = Mutex<[Slot]>([])
    private let idleLimit: Int
    private let make: @Sendable () throws(StoreError) -> Element

    /// An empty pool whose elements `make` makes.
    init(idleLimit: Int, make: @escaping @Sendable () throws(StoreError) -> Element) {
        self.idleLimit = idleLimit
        self.make = make
    }

    /// Adds an element that was made already.
    func add(_ element: consuming sending Element) {
        let slot = Slot(element)
        idle.withLock { $0.append(slot) }
    }

    /// Lends an element to `body`.
    func withElement<Result: Sendable>(
        _ body: (inout Element) throws(StoreError) -> Result
    ) throws(StoreError) -> Result {
        let slot = try takeSlot()
        defer {
            idle.withLock { slots in
                if slots.count < idleLimit { slots.append(slot) }
            }
        }
        return try slot.element.withLock { element throws(StoreError) in try body(&element) }
    }

    private func takeSlot() throws(StoreError) -> Slot {
        if let slot = idle.withLock({ $0.popLast() }) { return slot }
        return Slot(try make())
    }

    /// Lets go of every idle element.
    func drain() {
        idle.withLock { $0.removeAll() }
    }
}
