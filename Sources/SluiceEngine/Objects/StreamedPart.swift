internal import SluiceAccess
internal import SluiceFormat
internal import SluiceNative

/// The put of a part whose bytes come when they come: gathered off the store's threads, and sealed a few MiB at a time.
/// For one task.
struct StreamedPart {
    let uploads: Uploads
    let runner: OperationRunner
    let plan: PutPlan
    let scopeName: ScopeName
    let id: PartID
    private var gathered: [UInt8] = []
    private var byteCount = 0
    private var extent: ExtentWriter.Growing?

    /// So many bytes are sealed at a time, or a chunk if that is more.
    private static let gatheredByteCount = 4 << 20

    init(
        _ uploads: Uploads, _ runner: OperationRunner, _ plan: PutPlan, in scopeName: ScopeName,
        id: PartID
    ) {
        self.uploads = uploads
        self.runner = runner
        self.plan = plan
        self.scopeName = scopeName
        self.id = id
    }

    /// Takes the next bytes.
    mutating func add(_ bytes: [UInt8]) async throws(StoreError) {
        gathered += bytes
        let chunkByteCount = plan.chunkSize.byteCount
        // What may be the final chunk waits for more to come, or for the end.
        guard gathered.count > max(Self.gatheredByteCount, chunkByteCount) else { return }
        let count = (gathered.count - 1) / chunkByteCount * chunkByteCount
        var part = Array(gathered[..<count])
        gathered.removeFirst(count)
        try await seal(part, isLast: false)
        var span = part.mutableSpan
        wipe(&span)
    }

    private mutating func seal(_ bytes: [UInt8], isLast: Bool) async throws(StoreError) {
        let (uploads, plan, scopeName, before) = (uploads, plan, scopeName, extent)
        extent = try await runner.run { cancellation throws(StoreError) in
            let extent: ExtentWriter.Growing
            if let before {
                extent = before
            } else {
                try uploads.context.checkWritable()
                extent = try uploads.extentWriter.begin(
                    bytes.span, for: try uploads.purpose(ofPartOf: plan, in: scopeName), plan)
            }
            do throws(StoreError) {
                try extent.add(bytes, isLast: isLast, cancellation)
                return extent
            } catch {
                extent.blob.abort()
                throw error
            }
        }
        byteCount += bytes.count
    }

    /// Puts the part: all of its bytes were added.
    mutating func finish() async throws(StoreError) -> PartInfo {
        var rest = gathered
        gathered = []
        defer {
            var span = rest.mutableSpan
            wipe(&span)
        }
        let (uploads, plan, scopeName, id, bytes) = (uploads, plan, scopeName, id, rest)
        guard extent != nil else {
            return try await runner.run { cancellation throws(StoreError) in
                try uploads.put(id, plan, in: scopeName) {
                    writer, purpose throws(StoreError) in
                    try writer.seal(bytes, for: purpose, plan, cancellation)
                }
            }
        }
        try await seal(bytes, isLast: true)
        let (extent, layout) = (extent, try plan.layout(byteCount: byteCount))
        let info = try await runner.run { _ throws(StoreError) in
            try uploads.put(id, plan, in: scopeName) { _, _ throws(StoreError) in
                guard let extent else { preconditionFailure("a part was begun, and is gone") }
                do throws(StoreError) {
                    return try extent.finish(layout)
                } catch {
                    extent.blob.abort()
                    throw error
                }
            }
        }
        self.extent = nil
        return info
    }

    /// Removes what was sealed of it, after an error; unless a row may name it.
    mutating func abandon(after error: any Error) async {
        guard let extent, (error as? StoreError)?.code != .outcomeUnknown else { return }
        let runner = runner
        // Not in this task, which may be cancelled.
        let removal = Task {
            _ = try? await runner.run { _ throws(StoreError) in extent.blob.abort() }
        }
        await removal.value
        self.extent = nil
    }
}
