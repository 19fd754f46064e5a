internal import SluiceAccess
internal import SluiceFormat
internal import SluiceNative

/// Changes a part of an object's bytes: what stays of them is neither read nor sealed again, unless there is little of it.
/// Thread-safe.
final class ObjectEditor: Sendable, StoreComponent {
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

    /// A change: these bytes of the object become those, and the object is as long as that makes it.
    struct Edit: Sendable {
        var range: Range<Int>
        /// As many as the range has; nil for zeros.
        var bytes: [UInt8]?
        /// How long the object is afterwards.
        var byteCount: Int

        /// Wipes its bytes, if nobody else has them.
        mutating func wipe() {
            guard var bytes else { return }
            self.bytes = nil
            var span = bytes.mutableSpan
            SluiceNative.wipe(&span)
        }
    }

    /// See ``Store/append(_:to:in:if:)``.
    func append(
        _ bytes: [UInt8], to name: ObjectName, in scopeName: ScopeName, condition: Condition,
        _ cancellation: Cancellation
    ) throws(StoreError) -> ObjectInfo {
        try edit(name, in: scopeName, condition: condition, cancellation) {
            byteCount throws(StoreError) in
            let end = try Self.end(byteCount, bytes.count, name)
            return Edit(range: byteCount..<end, bytes: bytes, byteCount: end)
        }
    }

    /// See ``Store/write(_:to:at:in:if:)``.
    func write(
        _ bytes: [UInt8], to name: ObjectName, at offset: Int, in scopeName: ScopeName,
        condition: Condition, _ cancellation: Cancellation
    ) throws(StoreError) -> ObjectInfo {
        let end = try Self.end(offset, bytes.count, name)
        return try edit(name, in: scopeName, condition: condition, cancellation) {
            Edit(range: offset..<end, bytes: bytes, byteCount: max(end, $0))
        }
    }

    /// See ``Store/clear(_:of:in:if:)``.
    func clear(
        _ range: Range<Int>, of name: ObjectName, in scopeName: ScopeName, condition: Condition,
        _ cancellation: Cancellation
    ) throws(StoreError) -> ObjectInfo {
        _ = try Self.end(range.lowerBound, range.count, name)
        return try edit(name, in: scopeName, condition: condition, cancellation) { byteCount in
            Edit(range: range.clamped(to: 0..<byteCount), bytes: nil, byteCount: byteCount)
        }
    }

    /// See ``Store/resize(_:to:in:if:)``.
    func resize(
        _ name: ObjectName, to newByteCount: Int, in scopeName: ScopeName, condition: Condition,
        _ cancellation: Cancellation
    ) throws(StoreError) -> ObjectInfo {
        _ = try Self.end(0, newByteCount, name)
        return try edit(name, in: scopeName, condition: condition, cancellation) { byteCount in
            Edit(
                range: min(byteCount, newByteCount)..<newByteCount, bytes: nil,
                byteCount: newByteCount)
        }
    }

    /// Where bytes end that begin at an offset.
    private static func end(
        _ offset: Int, _ byteCount: Int, _ name: ObjectName
    ) throws(StoreError) -> Int {
        let (end, overflows) = offset.addingReportingOverflow(byteCount)
        guard offset >= 0, !overflows, end <= Format.maximumObjectByteCount else {
            throw StoreError(
                .invalidRange, "'\(name)' can't have bytes there: an object has at most 2^53",
                about: .object(name.description))
        }
        return end
    }

    private func edit(
        _ name: ObjectName, in scopeName: ScopeName, condition: Condition,
        _ cancellation: Cancellation, _ edit: (_ byteCount: Int) throws(StoreError) -> Edit
    ) throws(StoreError) -> ObjectInfo {
        try context.checkWritable()
        while true {
            try cancellation.check()
            do throws(StoreError) {
                return try contents.withContent(of: name, in: scopeName, if: condition) {
                    content throws(StoreError) in
                    try change(
                        content, name, condition, try edit(content.object.row.byteCount),
                        cancellation)
                }
            } catch {
                guard error.code == .extentsMoved else { throw error }
                // Somebody changed the object between the look and the transaction: look again.
            }
        }
    }

    private func change(
        _ content: ObjectContent, _ name: ObjectName, _ condition: Condition, _ edit: Edit,
        _ cancellation: Cancellation
    ) throws(StoreError) -> ObjectInfo {
        let object = content.object
        // That it is the object which met the rest, the basis says.
        var options = PutOptions(condition: condition.ofLeases)
        options.properties = try object.document.objectProperties()
        // Nobody has said it of these bytes.
        options.properties.contentMD5 = nil
        let encryption = try contents.registry.encryptionScope(of: object)
        options.metadata = try object.metadata(in: encryption)
        options.encryptionScope = encryption.record.name
        options.chunkByteCount = object.row.chunkSize.byteCount
        options.providedKey = object.providedKey
        var plan = try PutPlan(name, options)
        plan.isEdit = true
        plan.needs = object.needs
        let limit = ObjectSealer.inlineByteCountLimit
        if object.row.codec != .extents, max(object.row.byteCount, edit.byteCount) <= limit {
            return try changeSmall(content, edit, &plan, cancellation)
        }
        let old = try oldExtents(content, plan, cancellation)
        do throws(StoreError) {
            return try change(old, content, edit, plan, cancellation)
        } catch {
            old.sealed?.abandon(after: error)
            throw error
        }
    }

    /// Puts a small object anew.
    private func changeSmall(
        _ content: ObjectContent, _ edit: Edit, _ plan: inout PutPlan,
        _ cancellation: Cancellation
    ) throws(StoreError) -> ObjectInfo {
        var bytes = try opened(content, 0..<content.object.row.byteCount, cancellation)
        defer {
            var span = bytes.mutableSpan
            wipe(&span)
        }
        if bytes.count > edit.byteCount { bytes.removeLast(bytes.count - edit.byteCount) }
        bytes += [UInt8](repeating: 0, count: edit.byteCount - bytes.count)
        bytes.replaceSubrange(
            edit.range, with: edit.bytes ?? [UInt8](repeating: 0, count: edit.range.count))
        plan.basis = ExtentBasis([], source: content.object.source)
        return try objectWriter.put(
            bytes, plan, in: content.object.scope.record.name, cancellation: cancellation)
    }

    private func opened(
        _ content: ObjectContent, _ range: Range<Int>, _ cancellation: Cancellation
    ) throws(StoreError) -> [UInt8] {
        try contents.opening(
            content, progress: nil, standing: contents.standing(of: content)
        ).bytes(range, halt: Halt(cancellation))
    }

    /// An object's extents as they are: of one that isn't of extents, its blob is one.
    private struct OldExtents {
        var extents: [Extent] = []
        /// What was sealed of bytes that had no blob of their own.
        var sealed: ExtentWriter.Sealed?
    }

    private func oldExtents(
        _ content: ObjectContent, _ plan: PutPlan, _ cancellation: Cancellation
    ) throws(StoreError) -> OldExtents {
        if let extents = try contents.extents(of: content) { return OldExtents(extents: extents) }
        var bytes = try opened(content, 0..<content.object.row.byteCount, cancellation)
        defer {
            var span = bytes.mutableSpan
            wipe(&span)
        }
        guard !bytes.isEmpty else { return OldExtents() }
        let sealed = try extentWriter.seal(bytes, for: .object, plan, cancellation)
        return OldExtents(extents: [sealed.extent(at: 0)], sealed: sealed)
    }

    /// Commits the object with its old extents, but for the bytes that are changed.
    private func change(
        _ old: OldExtents, _ content: ObjectContent, _ edit: Edit, _ plan: PutPlan,
        _ cancellation: Cancellation
    ) throws(StoreError) -> ObjectInfo {
        let byteCount = old.extents.last?.range.upperBound ?? 0
        var edit = edit
        var kept = old.extents
        if let tail = try smallTail(of: content, kept, edit, cancellation) {
            // Appends of a few bytes would otherwise make as many extents.
            edit.range = tail.start..<edit.range.upperBound
            edit.bytes = tail.bytes
            kept.removeLast()
        }
        defer { edit.wipe() }
        let keptEnd = kept.last?.range.upperBound ?? 0
        var extents = kept.clamped(to: 0..<min(edit.range.lowerBound, edit.byteCount))
        let gap = min(keptEnd, edit.range.lowerBound)..<edit.range.lowerBound
        if !gap.isEmpty { extents.append(Extent(zeros: gap)) }
        var sealed: ExtentWriter.Sealed?
        if let bytes = edit.bytes, !bytes.isEmpty {
            let new = try extentWriter.seal(bytes, for: .object, plan, cancellation)
            extents.append(new.extent(at: edit.range.lowerBound))
            sealed = new
        } else if edit.bytes == nil, !edit.range.isEmpty {
            extents.append(Extent(zeros: edit.range))
        }
        if edit.range.upperBound < min(byteCount, edit.byteCount) {
            extents += kept.clamped(to: edit.range.upperBound..<edit.byteCount)
        }
        do throws(StoreError) {
            return try commit(extents, old.sealed, sealed, content, plan, cancellation)
        } catch {
            sealed?.abandon(after: error)
            throw error
        }
    }

    private func commit(
        _ extents: [Extent], _ old: ExtentWriter.Sealed?, _ new: ExtentWriter.Sealed?,
        _ content: ObjectContent, _ plan: PutPlan, _ cancellation: Cancellation
    ) throws(StoreError) -> ObjectInfo {
        let object = content.object
        let scopes = object.scopes
        guard !extents.isEmpty else {
            var plan = plan
            plan.basis = ExtentBasis([], source: content.object.source)
            return try objectWriter.put(
                [], plan, in: object.scope.record.name, cancellation: cancellation)
        }
        let added = Set([old, new].compactMap(\.self).map(\.reference)).intersection(
            extents.references)
        let basis = ExtentBasis(
            extents.references.subtracting(added), adding: added, source: content.object.source)
        let info = try extentWriter.put(extents, from: basis, plan, in: scopes)
        for sealed in [old, new].compactMap(\.self) {
            if added.contains(sealed.reference) {
                sealed.blob.finish()
            } else {
                sealed.blob.abort()
            }
        }
        return info
    }

    /// The bytes of the last extent, if there are few, followed by those that are appended to it; else nil.
    private func smallTail(
        of content: ObjectContent, _ extents: [Extent], _ edit: Edit, _ cancellation: Cancellation
    ) throws(StoreError) -> (start: Int, bytes: [UInt8])? {
        guard let bytes = edit.bytes, let last = extents.last, last.keys != nil,
            content.object.row.codec == .extents, edit.range.lowerBound == last.range.upperBound,
            last.entry.byteCount + bytes.count <= ObjectSealer.inlineByteCountLimit
        else { return nil }
        var tail = try opened(content, last.range, cancellation)
        defer {
            var span = tail.mutableSpan
            wipe(&span)
        }
        return (last.entry.start, tail + bytes)
    }
}

extension ObjectContents {
    /// An object's extents; of one that isn't of extents its blob, as one; nil if its bytes are in its row.
    func extents(of content: ObjectContent) throws(StoreError) -> [Extent]? {
        let row = content.object.row
        if row.codec == .extents { return try extentTable(of: content).all() }
        guard content.inlineBytes == nil else { return nil }
        return [
            Extent(
                start: 0, layout: content.object.layout, codec: row.codec,
                storedByteCount: row.storedByteCount, blobID: row.objectID, keys: content.keys)
        ]
    }
}
