internal import SluiceAccess
internal import SluiceFormat
internal import SluiceNative
internal import Synchronization

extension Store {
    /// What is known of an object, without reading its bytes; ``StoreError/Code/notFound``.
    @available(*, noasync)
    public func info(
        _ name: ObjectName, in scope: ScopeName = .default
    ) throws(StoreError) -> ObjectInfo {
        let object = try find(name, in: scope)
        var reading = try reading(object)
        return try access.release(&reading) { () throws(StoreError) in try object.info }
    }

    /// Removes an object; ``StoreError/Code/notFound`` if there is none of that name.
    ///
    /// Reads that have begun go on to their end.
    @available(*, noasync)
    public func remove(
        _ name: ObjectName, in scopeName: ScopeName = .default
    ) throws(StoreError) {
        let scope = try scopeForRead(scopeName, of: name)
        let tag = try tag(of: name, in: scope)
        try catalog.write(freesSpace: true) { writer throws(StoreError) in
            guard try writer.remove(tag: tag, in: scope) != nil else { throw Self.notFound(name) }
        }
        knownObjects.remove(tag)
    }

    /// Gives an object another name; its bytes are not touched, and its entity tag stays.
    ///
    /// `condition` is about an object of the new name: by default, one that is there is replaced.
    @available(*, noasync)
    @discardableResult
    public func rename(
        _ name: ObjectName, to new: ObjectName, in scopeName: ScopeName = .default,
        condition: PutCondition = .always
    ) throws(StoreError) -> ObjectInfo {
        while true {
            let object = try find(name, in: scopeName)
            if let info = try rename(object, to: new, condition: condition) { return info }
            // Somebody changed the object between the look and the transaction: look again.
        }
    }

    /// Copies an object to another name: sealed anew, under a fresh data key.
    ///
    /// Content type and metadata are copied too. `condition` is about an object of the new name.
    @available(*, noasync)
    @discardableResult
    public func copy(
        _ name: ObjectName, to new: ObjectName, in scope: ScopeName = .default,
        condition: PutCondition = .always
    ) throws(StoreError) -> ObjectInfo {
        try copy(name, to: new, in: scope, condition: condition, cancellation: beginOperation())
    }

    // MARK: Renaming

    /// Renames the object if it is still the one that was looked at; else nil.
    private func rename(
        _ object: OpenObject, to new: ObjectName, condition: PutCondition
    ) throws(StoreError) -> ObjectInfo? {
        let scope = object.scope
        var document = object.document
        document.name = new.utf8
        var row = object.row
        row.revision = try library.revision()
        let sealed = document.encoded()
        row = try scope.withSession("sealing the object's row") { session throws(CryptoError) in
            var row = row
            row.tag = try session.tag(ofObject: new.utf8)
            row.directory = try session.tag(ofDirectory: Scope.directory(of: new.utf8))
            row.document = try session.sealDocument(
                sealed, revision: row.revision, binding: row.binding(in: scope))
            return row
        }
        let old = object.row
        let renamed = row
        let isSameName = document.name == object.name
        // Given back by the COMMIT, which is a release.
        let newInfo = try OpenObject(scope: scope, row: renamed, document: document).info
        let info = try catalog.write { writer throws(StoreError) -> ObjectInfo? in
            guard let now = try writer.reader.object(scope: scope.record.rowID, tag: old.tag)
            else { throw Self.notFound(try ObjectName(utf8: object.name)) }
            guard now.revision == old.revision else { return nil }
            let target = try writer.reader.object(scope: scope.record.rowID, tag: renamed.tag)
            try CatalogWriter.check(condition, name: new, existing: target)
            // Also where nothing is written: what is known of the object is given back.
            try writer.use(scope, for: .unwrapKey)
            if isSameName { return newInfo }
            if let target { try writer.remove(target, scope: scope.record.rowID) }
            try writer.rename(
                old, to: new, tag: renamed.tag, directory: renamed.directory,
                revision: renamed.revision, document: renamed.document, in: scope)
            return newInfo
        }
        if info != nil, !isSameName {
            for tag in [old.tag, renamed.tag] { knownObjects.remove(tag) }
        }
        return info
    }

    // MARK: Copying

    func copy(
        _ name: ObjectName, to new: ObjectName, in scopeName: ScopeName, condition: PutCondition,
        cancellation: Cancellation
    ) throws(StoreError) -> ObjectInfo {
        try withContent(of: name, in: scopeName) { content throws(StoreError) in
            let row = content.object.row
            let document = content.object.document
            var options = PutOptions()
            options.condition = condition
            options.chunkByteCount = row.chunkSize.byteCount
            options.compression = row.codec == .lz4 ? .lz4 : .none
            options.contentType = document.contentType
            options.metadata = document.metadata
            var plan = try PutPlan(new, options)
            // A copy needs what reading the source does, up to its commit.
            plan.needs = [
                KeyUse(key: content.object.scope.currentKey, operation: .unwrapKey),
                KeyUse(key: row.wrapped.key, operation: .unwrapKey),
            ]
            let opening = try opening(
                content, progress: nil, standing: standing(of: content))
            if row.byteCount <= Self.inlineByteCountLimit {
                var bytes = try [UInt8](fillingParts: row.byteCount) { parts throws(StoreError) in
                    try opening.run(
                        0..<row.byteCount, to: ArrayTarget(parts: parts),
                        halt: Halt(cancellation))
                }
                defer {
                    var span = bytes.mutableSpan
                    wipe(&span)
                }
                return try put(bytes, plan, in: scopeName, cancellation: cancellation)
            }
            return try put(
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
