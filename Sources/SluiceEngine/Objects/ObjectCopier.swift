internal import SluiceAccess
internal import SluiceFormat
internal import SluiceNative
internal import Synchronization

/// Copies objects to other names: sealed anew, under fresh data keys. Thread-safe.
final class ObjectCopier: Sendable, StoreComponent {
    let context: StoreContext
    let contents: ObjectContents
    let objectWriter: ObjectWriter

    init(context: StoreContext, contents: ObjectContents, objectWriter: ObjectWriter) {
        self.context = context
        self.contents = contents
        self.objectWriter = objectWriter
    }

    func copy(
        _ name: ObjectName, to new: ObjectName, in scopeName: ScopeName, condition: Condition,
        cancellation: Cancellation
    ) throws(StoreError) -> ObjectInfo {
        try contents.withContent(of: name, in: scopeName) { content throws(StoreError) in
            let row = content.object.row
            let document = content.object.document
            var options = PutOptions()
            options.condition = condition
            options.chunkByteCount = row.chunkSize.byteCount
            options.compression = row.codec == .lz4 ? .lz4 : .none
            options.properties = try document.objectProperties()
            options.metadata = try content.object.metadata()
            var plan = try PutPlan(new, options)
            // A copy needs what reading the source does, up to its commit.
            let source = content.object.scope
            plan.needs = [
                KeyUse(key: source.currentKey, operation: .unwrapKey, identity: source.identity),
                KeyUse(key: row.wrapped.key, operation: .unwrapKey, identity: source.identity),
            ]
            let opening = try contents.opening(
                content, progress: nil, standing: contents.standing(of: content))
            if row.byteCount <= ObjectSealer.inlineByteCountLimit {
                var bytes = try [UInt8](fillingParts: row.byteCount) { parts throws(StoreError) in
                    try opening.run(
                        0..<row.byteCount, to: ArrayTarget(parts: parts),
                        halt: Halt(cancellation))
                }
                defer {
                    var span = bytes.mutableSpan
                    wipe(&span)
                }
                return try objectWriter.put(bytes, plan, in: scopeName, cancellation: cancellation)
            }
            return try objectWriter.put(
                from: OpeningSource(opening, workers: workers), plan, in: scopeName, progress: nil,
                cancellation: cancellation)
        }
    }
}

/// An object's opened bytes as a source to be sealed again, a chunk at a time.
private final class OpeningSource: ByteSource {
    private let opening: Opening
    private let workers: Workers
    private let offset = Atomic<Int>(0)

    init(_ opening: Opening, workers: Workers) {
        self.opening = opening
        self.workers = workers
    }

    func read(into buffer: inout MutableSpan<UInt8>) throws -> Int {
        let start = offset.load(ordering: .relaxed)
        let end = min(opening.layout.byteCount, start + buffer.count)
        guard start < end else { return 0 }
        var bytes = try [UInt8](fillingParts: end - start) { parts throws(StoreError) in
            try opening.run(
                start..<end, to: ArrayTarget(parts: parts), halt: Halt(Cancellation()))
        }
        defer {
            var span = bytes.mutableSpan
            wipe(&span)
        }
        buffer.copyPrefix(of: bytes.span)
        offset.store(end, ordering: .relaxed)
        return end - start
    }
}
