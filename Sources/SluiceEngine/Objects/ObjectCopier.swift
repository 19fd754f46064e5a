internal import SluiceAccess
internal import SluiceFormat
internal import SluiceNative

/// Copies objects to other names. Small ones are sealed anew; a copy of a large one references the blobs that its bytes
/// are in, under a table of extents of its own. Thread-safe.
final class ObjectCopier: Sendable, StoreComponent {
    let context: StoreContext
    let contents: ObjectContents
    let objectWriter: ObjectWriter
    let extentWriter: ExtentWriter

    init(
        context: StoreContext, contents: ObjectContents, objectWriter: ObjectWriter,
        extentWriter: ExtentWriter
    ) {
        self.context = context
        self.contents = contents
        self.objectWriter = objectWriter
        self.extentWriter = extentWriter
    }

    func copy(
        _ name: ObjectName, to new: ObjectName, in scopeName: ScopeName, condition: Condition,
        cancellation: Cancellation
    ) throws(StoreError) -> ObjectInfo {
        while true {
            try cancellation.check()
            do throws(StoreError) {
                return try contents.withContent(of: name, in: scopeName) {
                    content throws(StoreError) in
                    try copy(content, to: new, condition: condition, cancellation)
                }
            } catch {
                guard error.code == .extentsMoved else { throw error }
                // Somebody changed the source between the look and the transaction: look again.
            }
        }
    }

    private func copy(
        _ content: ObjectContent, to new: ObjectName, condition: Condition,
        _ cancellation: Cancellation
    ) throws(StoreError) -> ObjectInfo {
        let object = content.object
        let row = object.row
        var options = PutOptions()
        options.condition = condition
        options.chunkByteCount = row.chunkSize.byteCount
        options.compression = row.codec == .lz4 ? .lz4 : .none
        options.properties = try object.document.objectProperties()
        options.metadata = try object.metadata()
        var plan = try PutPlan(new, options)
        // A copy needs what reading the source does, up to its commit.
        plan.needs = object.needs
        if let extents = try contents.extents(of: content) {
            let basis = ExtentBasis(extents.references, source: object.source)
            return try extentWriter.put(extents, from: basis, plan, in: object.scope)
        }
        let opening = try contents.opening(
            content, progress: nil, standing: contents.standing(of: content))
        var bytes = try [UInt8](fillingParts: row.byteCount) { parts throws(StoreError) in
            try opening.run(
                0..<row.byteCount, to: ArrayTarget(parts: parts), halt: Halt(cancellation))
        }
        defer {
            var span = bytes.mutableSpan
            wipe(&span)
        }
        return try objectWriter.put(
            bytes, plan, in: object.scope.record.name, cancellation: cancellation)
    }
}
