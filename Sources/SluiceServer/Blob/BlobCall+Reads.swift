#if Service
internal import Sluice
internal import SluiceAccess
internal import SluiceControl
internal import SluiceNative
internal import SluiceREST
internal import Synchronization

extension BlobCall {
    /// Get Blob, Get Blob Properties and Get Blob Metadata.
    func getBlob() throws {
        let container = try container()
        let (name, scope) = (try blobName(), try scope(container))
        let key = try CustomerKey.read(request, sha256: sha256)
        var condition = Condition.always
        if let key { condition = .sealed(with: try ProvidedKey(key.key)) }
        let isContent = route.operation == .getBlob
        let (range, check) = isContent ? try BlobRange.read(headers) : (nil, nil)
        let download = BlobDownload(
            self, key: key, range: range,
            lease: try name.version == nil ? store.leases.lease(of: name, in: scope) : nil)
        if let range, check == .md5 || check == .crc64 {
            // Of so few bytes they are read before the head is sent.
            let info = try store.info(name, in: scope)
            let bytes = try store.get(
                name, range: .offsets(range.bytes(of: info.byteCount)), in: scope,
                if: condition.and(.matches(info.entityTag)))
            condition = condition.and(.matches(info.entityTag))
            download.checksums = try Self.checksums(bytes, check, account.store.library)
        }
        try store.pass(name, in: scope, if: condition, to: download)
        try download.end()
    }

    private static func checksums(
        _ bytes: [UInt8], _ check: BlobRange.Check?, _ library: CryptoLibrary
    ) throws -> Checksums {
        var checksums = Checksums()
        if check == .md5 {
            var stream = try MD5Stream(library)
            try stream.update(bytes.span)
            checksums.md5 = try stream.finish()
        } else {
            var crc = CRC64()
            crc.update(bytes.span)
            checksums.crc64 = crc.value
        }
        return checksums
    }
}

/// A blob on its way to a client. One thread at a time.
final class BlobDownload: PassingSink {
    private struct Head {
        var status = 200
        var fields = HeaderFields()
        var byteCount = 0
    }

    private let call: BlobCall
    private let key: CustomerKey?
    private let range: BlobRange?
    private let lease: Lease?
    private let head = Mutex(Head())
    private let stream = Mutex<AnswerStream?>(nil)
    private let given = Mutex(Checksums())

    init(_ call: BlobCall, key: CustomerKey?, range: BlobRange?, lease: Lease?) {
        self.call = call
        self.key = key
        self.range = range
        self.lease = lease
    }

    /// Of the range, to be given along.
    var checksums: Checksums {
        get { given.withLock { $0 } }
        set { given.withLock { $0 = newValue } }
    }

    func begin(_ info: ObjectInfo) throws -> Range<Int> {
        let blob = BlobProperties(info, lease: lease)
        try blob.lease.check(
            LeaseRequest.id(call.headers), isContainer: false, isNeeded: false)
        try BlobConditions(call.headers).check(blob.subject, isWrite: false)
        try blob.check(key)
        let operation = call.route.operation
        if operation == .getBlobMetadata {
            set(Head(fields: BlobAnswer.metadata(blob)))
            return 0..<0
        }
        let bytes = try range?.bytes(of: blob.byteCount)
        if operation == .getBlob { try blob.checkReadable() }
        var fields = BlobAnswer.blob(blob, bytes: bytes, overrides: call.rights.overrides)
        BlobAnswer.add(checksums, &fields)
        let count = bytes?.count ?? blob.byteCount
        set(Head(status: bytes == nil ? 200 : 206, fields: fields, byteCount: count))
        // Of HEAD nothing but the head is sent.
        return operation == .getBlob && call.request.method != "HEAD"
            ? bytes ?? 0..<blob.byteCount : 0..<0
    }

    private func set(_ new: Head) { head.withLock { $0 = new } }

    private func begun() -> AnswerStream {
        stream.withLock { stream in
            if let stream { return stream }
            let head = head.withLock { $0 }
            let made = call.exchange.heldStream(
                head.status, call.fields(head.fields), byteCount: head.byteCount)
            stream = made
            return made
        }
    }

    func offer(_ bytes: Span<UInt8>, _ terms: ReleaseTerms, epoch: UInt64) throws -> Int? {
        try begun().offer(bytes, terms, epoch: epoch)
    }

    func wait(milliseconds: Int) { begun().wait(milliseconds: milliseconds) }

    /// Ends the answer, when all was taken.
    func end() throws { try begun().end() }
}
#endif
