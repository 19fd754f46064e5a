internal import SluiceAccess
internal import SluiceFormat
internal import SluiceNative
internal import Synchronization

/// Copies objects to other names. Small ones are sealed anew; a copy of a large one references the blobs that its bytes
/// are in, under a table of extents of its own. A copy to the same name seals it anew, whatever it is made of. Thread-safe.
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

    /// Where a copy goes.
    struct Target: Sendable {
        /// The scope that is to have its name; nil for the object's own.
        var scope: ScopeName?
        /// The scope that it is to be sealed for; nil for that which the object is sealed for or, if that is the one that
        /// has its name, the one that is to have the copy's.
        var encryption: ScopeName?
        /// The key that the object is sealed with, and the one that the copy is to be sealed with.
        var sourceKey: ProvidedKey?
        var providedKey: ProvidedKey?
    }

    func copy(
        _ name: ObjectName, to new: ObjectName, in scopeName: ScopeName, target: Target,
        condition: Condition, cancellation: Cancellation
    ) throws(StoreError) -> ObjectInfo {
        while true {
            try cancellation.check()
            do throws(StoreError) {
                return try contents.withContent(
                    of: name, in: scopeName,
                    if: target.sourceKey.map { .sealed(with: $0) } ?? .always
                ) {
                    content throws(StoreError) in
                    try copy(content, to: new, target, condition: condition, cancellation)
                }
            } catch {
                guard error.code == .extentsMoved else { throw error }
                // Somebody changed the source between the look and the transaction: look again.
            }
        }
    }

    private func copy(
        _ content: ObjectContent, to new: ObjectName, _ target: Target, condition: Condition,
        _ cancellation: Cancellation
    ) throws(StoreError) -> ObjectInfo {
        let object = content.object
        let encryption = try contents.registry.encryptionScope(of: object)
        let scopeName = target.scope ?? object.scope.record.name
        let row = object.row
        var options = PutOptions()
        options.condition = condition
        options.chunkByteCount = row.chunkSize.byteCount
        options.compression = row.codec == .lz4 ? .lz4 : .none
        options.properties = try object.document.objectProperties()
        let isOther = !object.hasName(new.utf8) || scopeName != object.scope.record.name
        // A copy is a file of its own.
        if isOther { options.properties.file?.link = nil }
        options.metadata = try object.metadata(in: encryption)
        options.encryptionScope =
            target.encryption ?? (encryption === object.scope ? nil : encryption.record.name)
        options.providedKey = target.providedKey
        var plan = try PutPlan(new, options)
        // A copy needs what reading the source does, up to its commit.
        plan.needs = object.needs
        if isOther {
            let shared = try share(content, as: plan) { () throws(StoreError) in
                try contents.registry.scopesForPut(scopeName, encryption: plan.encryptionScope)
            }
            if let shared { return shared }
        }
        // What was put in its place meanwhile is not undone.
        if !isOther { plan.basis = ExtentBasis([], source: object.source) }
        let opening = try contents.opening(
            content, progress: nil, standing: contents.standing(of: content))
        guard row.byteCount <= ObjectSealer.inlineByteCountLimit else {
            return try objectWriter.put(
                from: OpeningSource(opening, byteCount: row.byteCount), plan, in: scopeName,
                progress: nil, cancellation: cancellation)
        }
        var bytes = try opening.bytes(0..<row.byteCount, halt: Halt(cancellation))
        defer {
            var span = bytes.mutableSpan
            wipe(&span)
        }
        return try objectWriter.put(bytes, plan, in: scopeName, cancellation: cancellation)
    }

    /// Puts an object that has its bytes in the blobs of another; nil if that has none, but its bytes in its row. The
    /// plan needs what reading the other does.
    func share(
        _ content: ObjectContent, as plan: PutPlan,
        in scopes: () throws(StoreError) -> PutScopes
    ) throws(StoreError) -> ObjectInfo? {
        guard let extents = try contents.extents(of: content) else { return nil }
        let basis = ExtentBasis(extents.references, source: content.object.source)
        return try extentWriter.put(extents, from: basis, plan, in: try scopes())
    }
}

/// An object's opened bytes as a source to be sealed again, a chunk at a time.
private final class OpeningSource: ByteSource {
    private let opening: ContentOpening
    private let byteCount: Int
    private let offset = Atomic<Int>(0)

    init(_ opening: ContentOpening, byteCount: Int) {
        self.opening = opening
        self.byteCount = byteCount
    }

    func read(into buffer: inout MutableSpan<UInt8>) throws -> Int {
        let start = offset.load(ordering: .relaxed)
        let end = min(byteCount, start + buffer.count)
        guard start < end else { return 0 }
        var bytes = try opening.bytes(start..<end, halt: Halt(Cancellation()))
        defer {
            var span = bytes.mutableSpan
            wipe(&span)
        }
        buffer.copyPrefix(of: bytes.span)
        offset.store(end, ordering: .relaxed)
        return end - start
    }
}
