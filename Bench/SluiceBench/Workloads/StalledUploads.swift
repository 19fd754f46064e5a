internal import BenchKit
internal import Dispatch
internal import Sluice
internal import Synchronization

/// Gets objects of 4 KiB by the async method, keys in the cache, with or without uploads beside that stand still: each has
/// given some bytes, and gives no more.
final class StalledUploads: Workload {
    let name: String
    let summary: String
    let unit = WorkUnit.operations
    private let uploadCount: Int
    private let objects: SmallObjects
    private let uploads = Mutex<[Task<Void, Never>]>([])

    init(uploadCount: Int, _ conditions: Conditions) {
        self.uploadCount = uploadCount
        name =
            uploadCount > 0
            ? "get-4KiB-hot-async-beside-\(uploadCount)-stalled-uploads"
            : "the same without uploads"
        let count = conditions.profile.hotObjectCount / 16 * 16
        objects = SmallObjects(
            count: count, at: conditions.path("stalled-\(uploadCount)"), conditions)
        summary = """
            Get one of \(Figures.count(count)) objects of 4 KiB by the async method, keys in the cache\
            \(uploadCount > 0 ? ", while \(uploadCount) uploads wait for bytes" : "").
            """
    }

    func setUp() throws {
        try objects.make()
        let store = try objects.get()
        for index in 0..<objects.count { _ = try store.get(SmallObjects.name(index)) }
    }

    func prepareRun() throws {
        let store = try objects.get()
        let begun = (0..<uploadCount).map { index in
            Task {
                let bytes = AsyncStream<[UInt8]> { continuation in
                    // No more comes, and no end.
                    continuation.yield([UInt8](repeating: 1, count: 100_000))
                }
                do throws(StoreError) {
                    try await store.put(streaming: bytes, as: ObjectName("stalled-\(index)"))
                } catch {
                    // Cancelled at the run's end.
                }
            }
        }
        uploads.withLock { $0 = begun }
    }

    func makeOperation(for caller: Caller) throws -> TimedOperation {
        let store = try objects.get()
        var random = caller.random()
        let isDone = DispatchSemaphore(value: 0)
        return { [objects] in
            let name = try SmallObjects.name(random.nextIndex(below: objects.count))
            let answer = Answer()
            Task {
                let bytes = try? await store.get(name)
                answer.count.store(bytes?.count ?? 0, ordering: .relaxed)
                isDone.signal()
            }
            isDone.wait()
            return answer.count.load(ordering: .relaxed) == SmallObjects.byteCount ? 1 : 0
        }
    }

    private final class Answer: Sendable {
        let count = Atomic(0)
    }

    func finishRun() throws -> LatencyRecorder? {
        let begun = uploads.withLock { uploads in
            defer { uploads = [] }
            return uploads
        }
        for upload in begun { upload.cancel() }
        let areDone = DispatchSemaphore(value: 0)
        Task {
            for upload in begun { await upload.value }
            areDone.signal()
        }
        areDone.wait()
        return nil
    }

    func tearDown() throws {
        try objects.remove()
    }
}
