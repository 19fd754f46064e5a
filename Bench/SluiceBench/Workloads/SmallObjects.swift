internal import BenchKit
internal import Sluice
internal import Synchronization

/// A store that is filled with objects of 4 KiB for other workloads to get. Thread-safe.
final class SmallObjects: Sendable {
    /// Bytes of an object.
    static let byteCount = 4096

    /// How many objects there are.
    let count: Int
    private let store: OpenStore
    private let ownDataKeys: Bool
    private let hasCustomerKey: Bool
    private let customerKey = Mutex<CustomerKey?>(nil)
    private let conditions: Conditions
    private static let fillerCount = 8

    /// A store below `path`, not made yet.
    ///
    /// - Parameters:
    ///   - ownDataKeys: Whether each object has a wrapped key of its own.
    ///   - hasCustomerKey: Whether the objects are under a key that has another version to move to.
    init(
        count: Int, at path: String, ownDataKeys: Bool = false, hasCustomerKey: Bool = false,
        _ conditions: Conditions
    ) {
        self.count = count
        self.ownDataKeys = ownDataKeys
        self.hasCustomerKey = hasCustomerKey
        self.conditions = conditions
        store = OpenStore(at: path)
    }

    /// Makes the store, without waiting for the disk, and fills it.
    func make() throws {
        let made = try store.make(.none, ownDataKeys: ownDataKeys)
        if hasCustomerKey {
            let key = try CustomerKey(for: made)
            try made.createScope(.default, key: key.current)
            customerKey.withLock { $0 = key }
        }
        let fillers = min(Self.fillerCount, count)
        let loop = ClosedLoop(callers: fillers, length: .operations(count / fillers))
        precondition(count % fillers == 0, "as many objects for each filler")
        _ = try loop.run(Filling(objects: self), seed: conditions.seed)
    }

    /// The open store.
    func get() throws -> Store { try store.get() }

    /// Moves the scope to the other version of its key.
    func moveToOtherVersion() throws {
        let store = try store.get()
        try customerKey.withLock { key in
            guard key != nil else { throw BenchError.notSetUp }
            key?.turn()
            try store.updateScope(.default, key: key?.current)
        }
    }

    /// The name of an object, in `0..<count`.
    static func name(_ index: Int) throws(StoreError) -> ObjectName {
        try ObjectName("object-\(index)")
    }

    /// Closes the store and removes it.
    func remove() throws {
        try store.remove()
    }

    /// Bytes that can't be compressed, of one object's size.
    static func bytes(seed: UInt64) -> [UInt8] {
        DataPattern.random.bytes(count: byteCount, seed: seed)
    }

    /// Puts each object once.
    private struct Filling: Workload {
        let objects: SmallObjects
        let name = "fill"
        let summary = "Put objects of 4 KiB."
        let unit = WorkUnit.operations

        func makeOperation(for caller: Caller) throws -> TimedOperation {
            let store = try objects.get()
            let bytes = SmallObjects.bytes(seed: UInt64(caller.index))
            var index = caller.index
            return { [interruption = objects.conditions.interruption] in
                if index / caller.count % 64 == 0 { try interruption.check() }
                try store.put(bytes, as: SmallObjects.name(index))
                index += caller.count
                return 1
            }
        }
    }
}
