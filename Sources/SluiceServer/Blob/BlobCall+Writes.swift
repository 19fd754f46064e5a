#if Service
internal import Sluice
internal import SluiceAccess
internal import SluiceControl
internal import SluiceNative
internal import SluiceREST

extension BlobCall {
    /// Of longer bodies no MD5 is made that nobody has asked for: it would take longer than to seal them.
    private static let longestUnasked = 64 << 20

    func putBlob() throws {
        let write = try blobWrite()
        let transfer = try BodyTransfer(headers, isBlock: false)
        var content = try ContentHeaders(headers, isPutBlob: true)
        let container = try container()
        let (name, scope) = (try blobName(), try scope(container))
        let condition = try condition(
            write.conditions, lease: write.lease, on: name, in: scope, isMaking: true)
        let body = BlobBody(
            exchange, transfer, wantsMD5: transfer.contentByteCount <= Self.longestUnasked,
            account.store.library)
        if content.md5 == nil { content.md5 = transfer.checksums.md5 }
        let options = try options(write, content, condition, container)
        var info = try store.put(from: body, as: name, in: scope, options: options)
        if content.md5 == nil, let md5 = body.digests.md5 {
            info = try store.update(
                name, in: scope, if: .matches(info.entityTag).and(condition.forSameLease(write))
            ) { $0.properties.contentMD5 = md5 }
        }
        var checksums = Checksums()
        (checksums.md5, checksums.crc64) = (body.digests.md5, body.digests.crc64)
        var fields = BlobAnswer.written(BlobProperties(info), checksums: checksums)
        if transfer.isStructured { fields["x-ms-structured-body"] = StructuredBody.header }
        try send(nil, fields)
    }

    // MARK: Blocks

    private func upload(
        _ write: BlobWrite, _ content: ContentHeaders, _ condition: Condition,
        _ container: BlobContainers.Container
    ) throws -> Upload {
        try store.beginUpload(
            blobName(), in: scope(container),
            options: options(write, content, condition, container))
    }

    private static func part(_ id: BlockID) throws -> PartID {
        do throws(StoreError) {
            return try PartID(id.text)
        } catch {
            throw BlobRefusal(.invalidBlockId)
        }
    }

    func putBlock() throws {
        let write = try blobWrite()
        let transfer = try BodyTransfer(headers, isBlock: true)
        guard transfer.contentByteCount > 0 else {
            throw BlobRefusal(.invalidHeaderValue, "Content-Length: a block has at least one byte.")
        }
        let id = try BlockID(route.parameters)
        let container = try container()
        if write.lease != nil {
            let found = try find(blobName(), in: scope(container))
            try (found?.lease ?? .none).check(write.lease, isContainer: false, isNeeded: true)
        }
        let upload = try upload(write, ContentHeaders(), .always, container)
        let body = BlobBody(exchange, transfer, wantsMD5: false, account.store.library)
        try upload.put(from: body, id: Self.part(id))
        var checksums = Checksums()
        (checksums.md5, checksums.crc64) = (body.digests.md5, body.digests.crc64)
        try send(
            nil,
            BlobAnswer.block(
                encryptionScope: write.key == nil
                    ? encryptionScope(write.encryptionScope, container) : nil,
                keySHA256: write.key?.sha256, checksums: checksums,
                isStructured: transfer.isStructured))
    }

    func putBlockList() throws {
        let write = try blobWrite()
        let content = try ContentHeaders(headers, isPutBlob: false)
        let document = try exchange.wholeBody()
        let container = try container()
        let (name, scope) = (try blobName(), try scope(container))
        let list = try BlockList(document)
        let condition = try condition(
            write.conditions, lease: write.lease, on: name, in: scope, isMaking: true)
        let upload = try upload(write, content, condition, container)
        let choices = try list.entries.map { entry in
            PartChoice(
                try Self.part(entry.id),
                entry.source == .committed
                    ? .committed : entry.source == .uncommitted ? .uncommitted : .latest)
        }
        let info: ObjectInfo
        do throws(StoreError) {
            info = try upload.commit(choices)
        } catch  where error.code == .notFound {
            throw BlobRefusal(.invalidBlockList)
        }
        try send(nil, BlobAnswer.written(BlobProperties(info)))
    }

    func getBlockList() throws {
        let type = try BlockListType(route.parameters)
        let container = try container()
        let (name, scope) = (try blobName(), try scope(container))
        let found = try find(name, in: scope)
        let upload = try store.beginUpload(name, in: scope)
        let uncommitted = try upload.parts()
        guard found != nil || !uncommitted.isEmpty else { throw BlobRefusal(.blobNotFound) }
        let committed = try found == nil ? [] : store.committedParts(of: name, in: scope)
        let shown = { (parts: [PartInfo]) in
            parts.map { part in
                (id: part.id.description, byteCount: part.byteCount)
            }
        }
        try send(
            nil, BlobAnswer.blockList(found?.subject, byteCount: found?.byteCount ?? 0),
            body: type.document(committed: shown(committed), uncommitted: shown(uncommitted)))
    }

    // MARK: Properties and metadata

    func setBlobMetadata() throws {
        let write = try blobWrite()
        let info = try update(write) { $0.metadata = write.metadata.stored }
        try send(nil, BlobAnswer.written(BlobProperties(info)))
    }

    func setBlobProperties() throws {
        let content = try ContentHeaders(headers, isPutBlob: false)
        let write = try blobWrite()
        let info = try update(write) { content.set(&$0.properties) }
        try send(nil, BlobAnswer.state(BlobProperties(info).subject))
    }

    func setBlobTier() throws {
        let asked = try TierRequest(headers)
        let container = try container()
        let (name, scope) = (try blobName(), try scope(container))
        guard let found = try find(name, in: scope) else { throw BlobRefusal(.blobNotFound) }
        var condition = Condition.present
        if let id = asked.lease.flatMap(LeaseID.init) { condition = .leased(as: id) }
        try found.lease.check(asked.lease, isContainer: false, isNeeded: false)
        try store.update(name, in: scope, if: condition) { attributes in
            attributes.properties.tier = asked.tier.stored
            var notes = BlobNotes(attributes.properties.tags)
            notes.tierChanged = now
            attributes.properties.tags = notes.tags
        }
        try send(asked.successStatus(from: found.tier))
    }

    private func update(
        _ write: BlobWrite, _ change: (inout ObjectAttributes) -> Void
    ) throws -> ObjectInfo {
        let container = try container()
        let (name, scope) = (try blobName(), try scope(container))
        let condition = try condition(
            write.conditions, lease: write.lease, on: name, in: scope, isMaking: false)
        if let found = try find(name, in: scope) { try found.check(write.key) }
        return try store.update(name, in: scope, if: condition, change)
    }

    // MARK: Snapshots, deleting

    func snapshotBlob() throws {
        let write = try blobWrite()
        let container = try container()
        let (name, scope) = (try blobName(), try scope(container))
        let found = try find(name, in: scope)
        guard let found else { throw BlobRefusal(.blobNotFound) }
        try found.lease.check(write.lease, isContainer: false, isNeeded: false)
        try write.conditions.check(found.subject, isWrite: false)
        let made = try store.snapshot(name, in: scope, if: .matches(EntityTag(found.etag)))
        let id = made.name.version.flatMap { BlobTime(iso: $0.id.description) }
        try send(nil, BlobAnswer.written(found, snapshot: id))
    }

    func deleteBlob() throws {
        let container = try container()
        let scope = try scope(container)
        try delete(route, DeleteRequest(headers, route), in: scope)
        var fields = HeaderFields()
        fields["x-ms-delete-type-permanent"] = "true"
        try send(nil, fields)
    }

    /// Deletes what a route names, of this request or of a part of it.
    func delete(_ route: BlobRoute, _ asked: DeleteRequest, in scope: ScopeName) throws {
        let name = try blobName()
        let condition = try condition(
            asked.conditions, lease: asked.lease, on: name, in: scope, isMaking: false)
        guard name.version == nil else { return try store.remove(name, in: scope, if: condition) }
        let snapshots = try store.versions(of: name, in: scope)
        try asked.check(hasSnapshots: !snapshots.isEmpty, isSnapshot: false)
        if asked.snapshots != nil {
            for snapshot in snapshots { try store.remove(snapshot.name, in: scope) }
        }
        if asked.snapshots != .only { try store.remove(name, in: scope, if: condition) }
    }

    // MARK: Copies

    func copyBlob(id: String) throws {
        let write = try blobWrite()
        let source = try CopySource(request) { self.sha256($0) }
        guard source.address.account == account.name, let from = source.address.container,
            let blob = source.address.blob
        else {
            throw BlobRefusal(
                .cannotVerifyCopySource, "Blobs are copied from containers of the same account.")
        }
        let container = try container()
        let target = try scope(container)
        let name = try blobName()
        let origin = try scope(containers.get(from))
        var sourceName = try ObjectName(blob)
        if let snapshot = source.snapshot, let version = VersionID(snapshot) {
            sourceName = sourceName.at(ObjectVersion(id: version, kind: .snapshot))
        }
        guard let found = try find(sourceName, in: origin) else {
            throw BlobRefusal(.blobNotFound)
        }
        try source.conditions.check(found.subject, isWrite: false)
        let condition = try condition(
            write.conditions, lease: write.lease, on: name, in: target, isMaking: true)
        let named = try encryptionScope(write.encryptionScope, container)
        let copied = try store.copy(
            sourceName, to: name, in: origin, toScope: target, encryptionScope: seal(named),
            sourceKey: try source.key.map { try ProvidedKey($0.key) },
            providedKey: try write.key.map { try ProvidedKey($0.key) }, if: condition)
        var notes = BlobNotes(copied.properties.tags)
        notes.encryptionScope = write.key == nil ? named : nil
        notes.keySHA256 = write.key?.sha256
        notes.copy = (id, source.shown, now)
        let metadata = write.metadata.stored
        let info = try store.update(
            name, in: target,
            if: .matches(copied.entityTag).and(condition.forSameLease(write))
        ) { attributes in
            if !metadata.isEmpty { attributes.metadata = metadata }
            if let tier = write.tier { attributes.properties.tier = tier.stored }
            attributes.properties.tags = notes.tags
        }
        let blobNow = BlobProperties(info)
        guard let state = blobNow.copy else { preconditionFailure("a copy has no state") }
        try send(nil, BlobAnswer.copied(blobNow, state))
    }
}

extension Condition {
    /// What a further change under the same lease has to show.
    func forSameLease(_ write: BlobWrite) -> Condition {
        write.lease.flatMap(LeaseID.init).map { .leased(as: $0) } ?? .always
    }
}
#endif
