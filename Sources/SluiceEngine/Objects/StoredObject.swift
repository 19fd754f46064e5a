internal import SluiceAccess
internal import SluiceNative

/// One version of an object, opened: what is known of it, and its bytes, whatever becomes of its name meanwhile.
///
/// It keeps the version's row and its blob open, and no key but one that was provided: each read asks for access, so that one after access was
/// taken away is refused with ``StoreError/Code/accessDenied``. Where the blobs' backend doesn't let what is open survive a
/// removal (``BlobBackendProperties/openSurvivesRemoval``), one after a removal throws ``StoreError/Code/integrity``. It
/// keeps the store open. Thread-safe.
public struct StoredObject: Sendable {
    /// What is known of it.
    public let info: ObjectInfo
    let version: HeldVersion
    let reader: ObjectReader
    let runner: OperationRunner
    /// What is not to end before this does.
    let owner: any AnyObject & Sendable

    /// Its bytes, or a range of them. Every byte is authenticated before it is returned.
    @available(*, noasync)
    public func read(_ range: ByteRange = .all) throws(StoreError) -> [UInt8] {
        try reader.bytes(of: version, range, reader.context.beginOperation())
    }

    /// Its bytes, or a range of them. See the synchronous method.
    public func read(_ range: ByteRange = .all) async throws(StoreError) -> [UInt8] {
        try await runner.run { cancellation throws(StoreError) in
            try reader.bytes(of: version, range, cancellation)
        }
    }

    /// Its bytes, or a range of them, in parts.
    public func bytes(_ range: ByteRange = .all) -> ObjectBytes {
        ObjectBytes(object: self, range: range)
    }

    /// The bytes at these offsets, in parts.
    public func bytes(_ offsets: Range<Int>) -> ObjectBytes { bytes(.offsets(offsets)) }
}

/// An object's bytes in order, in parts of whole chunks: of at least 1 MiB, or one chunk, but for the first and the last.
///
/// A part is released when `next()` returns it: between two calls nothing is read ahead, no thread is held, and nothing
/// holds up whoever takes access away. Then `next()` throws ``StoreError/Code/accessDenied``.
public struct ObjectBytes: AsyncSequence, Sendable {
    let object: StoredObject
    let range: ByteRange

    /// Parts of at least so many bytes.
    static let partByteCount = 1 << 20

    /// Begins at the range's first byte.
    public func makeAsyncIterator() -> Iterator { Iterator(object: object, range: range) }

    /// A way through the parts, for one task.
    public struct Iterator: AsyncIteratorProtocol {
        let object: StoredObject
        let range: ByteRange
        private var rest: Range<Int>?

        init(object: StoredObject, range: ByteRange) {
            self.object = object
            self.range = range
        }

        /// The next part; nil after the last. Throws ``StoreError/Code/invalidRange`` and whatever a get throws.
        public mutating func next() async throws(StoreError) -> [UInt8]? {
            let rest = try whatIsLeft()
            guard !rest.isEmpty else { return nil }
            let part = part(of: rest)
            let bytes = try await object.read(.offsets(part))
            self.rest = part.upperBound..<rest.upperBound
            return bytes
        }

        private func whatIsLeft() throws(StoreError) -> Range<Int> {
            if let rest { return rest }
            return try range.resolved(in: object.version.row, name: object.info.name.description)
        }

        /// As few chunks as make a part, the first and the last perhaps cut: no chunk is opened twice.
        private func part(of rest: Range<Int>) -> Range<Int> {
            let chunkByteCount = object.info.chunkByteCount
            let (end, overflows) = rest.lowerBound.addingReportingOverflow(
                Swift.max(ObjectBytes.partByteCount, chunkByteCount))
            guard !overflows, end < rest.upperBound else { return rest }
            return rest.lowerBound..<end / chunkByteCount * chunkByteCount
        }
    }
}

/// A version of an object that somebody holds: sealed, all of it.
struct HeldVersion: Sendable {
    let name: ObjectName
    let scopeName: ScopeName
    let scopeID: [UInt8]
    let row: ObjectRow
    let blob: any SealedBytes
    let inlineBytes: [UInt8]?
    let providedKey: ProvidedKey?
}

extension ObjectReader {
    /// See ``Store/open(_:in:if:)``.
    func open(
        _ name: ObjectName, in scopeName: ScopeName, if condition: Condition
    ) throws(StoreError) -> (ObjectInfo, HeldVersion) {
        try contents.withContent(of: name, in: scopeName, if: condition) {
            content throws(StoreError) in
            let version = HeldVersion(
                name: name, scopeName: scopeName,
                scopeID: content.object.scope.record.scopeID, row: content.object.row,
                blob: content.blob, inlineBytes: content.inlineBytes,
                providedKey: content.object.providedKey)
            var reading = try authorizer.reading(content.object)
            let info = try access.release(&reading) { () throws(StoreError) in
                try content.object.info
            }
            return (info, version)
        }
    }

    /// The bytes of a version that is held, under grants that hold now.
    func bytes(
        of version: HeldVersion, _ range: ByteRange, _ cancellation: Cancellation
    ) throws(StoreError) -> [UInt8] {
        try context.checkOpen()
        let scope = try contents.registry.scopeForRead(version.scopeName, of: version.name)
        guard scope.record.scopeID == version.scopeID else {
            throw StoreError.missingScope(version.scopeName)
        }
        // Its data key may have been wrapped anew since, and the version that it was under be gone.
        let now = try catalog.object(scope: scope.record.rowID, rowID: version.row.rowID)
        let row = now?.objectID == version.row.objectID ? now ?? version.row : version.row
        do throws(StoreError) {
            let object = try contents.finder.authenticate(row, name: nil, in: scope)
            object.noteProvided(version.providedKey)
            let content = ObjectContent(
                object: object, keys: try contents.keyring.keys(of: object), blob: version.blob,
                inlineBytes: version.inlineBytes)
            return try bytes(of: content, range, cancellation)
        } catch {
            throw error.ofRead(version.name)
        }
    }
}
