internal import BenchKit
internal import Dispatch
internal import Sluice
internal import Synchronization

/// Puts a file from the page cache into a store, durably.
final class FilePut: Workload {
    let name: String
    let summary: String
    let unit = WorkUnit.bytes
    private let pattern: DataPattern
    private let byteCount: Int
    private let conditions: Conditions
    private let store: OpenStore
    private let source = Mutex<String?>(nil)
    private static let objectName = "file"

    init(_ pattern: DataPattern, byteCount: Int, name: String, _ conditions: Conditions) {
        self.pattern = pattern
        self.byteCount = byteCount
        self.conditions = conditions
        self.name = name
        summary = """
            Put a file of \(Figures.size(byteCount)) of \(pattern.rawValue) bytes that is in the \
            page cache, compression auto, on the disk when the put returns.
            """
        store = OpenStore(at: conditions.path(name))
    }

    func setUp() throws {
        let path = try conditions.corpus.path(pattern, byteCount: byteCount)
        source.withLock { $0 = path }
        _ = try store.make(.full)
    }

    /// Removes the object, and waits until its blob is gone from the disk.
    func prepareRun() throws {
        let store = try store.get()
        do throws(StoreError) {
            try store.remove(ObjectName(Self.objectName))
        } catch {
            // The first run finds none.
            guard error.code == .notFound else { throw error }
        }
        while try store.status().garbageCount > 0 {
            try conditions.interruption.check()
            _ = DispatchSemaphore(value: 0).wait(timeout: .now() + .milliseconds(5))
        }
    }

    func makeOperation(for caller: Caller) throws -> TimedOperation {
        let store = try store.get()
        guard let source = source.withLock({ $0 }) else { throw BenchError.notSetUp }
        let name = try ObjectName(Self.objectName)
        return { [byteCount] in
            try store.put(fileAt: source, as: name)
            return byteCount
        }
    }

    func tearDown() throws {
        try store.remove()
    }
}
