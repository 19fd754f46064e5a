internal import SluiceAccess
internal import SluiceFormat
internal import SluiceNative
internal import Synchronization

/// Puts objects: bytes, files, streams. Thread-safe.
final class ObjectWriter: Sendable, StoreComponent {
    let context: StoreContext
    let cache: ObjectCache
    let registry: ScopeRegistry
    let authorizer: ReadAuthorizer
    let finder: ObjectFinder
    let sealer: ObjectSealer
    let versionKeeper: VersionKeeper

    init(
        context: StoreContext, cache: ObjectCache, registry: ScopeRegistry,
        authorizer: ReadAuthorizer, finder: ObjectFinder, sealer: ObjectSealer,
        versionKeeper: VersionKeeper
    ) {
        self.context = context
        self.cache = cache
        self.registry = registry
        self.authorizer = authorizer
        self.finder = finder
        self.sealer = sealer
        self.versionKeeper = versionKeeper
    }

    func put(
        _ bytes: [UInt8], _ plan: PutPlan, in scopeName: ScopeName, cancellation: Cancellation
    ) throws(StoreError) -> ObjectInfo {
        try cancellation.check()
        let layout = try plan.layout(byteCount: bytes.count)
        if layout.rawStoredByteCount <= ObjectSealer.inlineByteCountLimit {
            return try putSmall(bytes, layout, plan, in: scopeName)
        }
        let scopes = try registry.scopesForPut(scopeName, encryption: plan.encryptionScope)
        return try putLarge(
            BytesSource(bytes, layout: layout), plan, byteCount: { bytes.count },
            codec: try sealer.codec(plan, of: bytes.span),
            expectedByteCount: layout.rawStoredByteCount, in: scopes, progress: nil,
            cancellation: cancellation)
    }

    func put(
        fileAt path: String, _ plan: PutPlan, in scopeName: ScopeName,
        progress: ProgressHandler?, cancellation: Cancellation
    ) throws(StoreError) -> ObjectInfo {
        let scopes = try registry.scopesForPut(scopeName, encryption: plan.encryptionScope)
        return try put(
            OpenFile(path), plan, in: scopes, progress: progress, cancellation: cancellation)
    }

    /// Puts a file that is open: a regular one by its size, if that turns out to be true, anything else as
    /// a stream.
    func put(
        _ source: OpenFile, _ plan: PutPlan, in scopes: PutScopes, progress: ProgressHandler?,
        cancellation: Cancellation
    ) throws(StoreError) -> ObjectInfo {
        if source.status.kind == .regular {
            do throws(StoreError) {
                return try putBySize(
                    source, plan, in: scopes, progress: progress, cancellation: cancellation)
            } catch {
                guard error.cause is FileSource.UntrueSize else { throw error }
            }
        }
        return try put(
            from: FileByteSource(source), plan, in: scopes, progress: progress,
            cancellation: cancellation)
    }

    private func putBySize(
        _ source: OpenFile, _ plan: PutPlan, in scopes: PutScopes, progress: ProgressHandler?,
        cancellation: Cancellation
    ) throws(StoreError) -> ObjectInfo {
        let (file, status) = (source.file, source.status)
        let layout = try plan.layout(byteCount: status.byteCount)
        if layout.rawStoredByteCount <= ObjectSealer.inlineByteCountLimit {
            try cancellation.check()
            let bytes = try FileSource(source, layout: layout).readAll()
            return try putSmall(bytes, layout, plan, in: scopes.names.record.name)
        }
        let codec = try sealer.codec(plan, layout) { offset, sample throws(StoreError) in
            try translated("read") { () throws(SystemError) in
                try file.read(into: &sample, at: offset)
            }
        }
        return try putLarge(
            FileSource(source, layout: layout), plan,
            byteCount: { status.byteCount }, codec: codec,
            expectedByteCount: layout.rawStoredByteCount, in: scopes,
            progress: ProgressMeter(progress, totalByteCount: status.byteCount),
            cancellation: cancellation)
    }

    func put(
        from source: any ByteSource, _ plan: PutPlan, in scopeName: ScopeName,
        progress: ProgressHandler?, cancellation: Cancellation
    ) throws(StoreError) -> ObjectInfo {
        try put(
            from: source, plan,
            in: try registry.scopesForPut(scopeName, encryption: plan.encryptionScope),
            progress: progress, cancellation: cancellation)
    }

    private func put(
        from source: any ByteSource, _ plan: PutPlan, in scopes: PutScopes,
        progress: ProgressHandler?,
        cancellation: Cancellation
    ) throws(StoreError) -> ObjectInfo {
        // A stream that ends within this is put as bytes are.
        let headByteCount = max(plan.chunkSize.byteCount, ObjectSealer.inlineByteCountLimit)
        switch try sealer.begin(source, headByteCount: headByteCount, plan) {
        case .short(var bytes):
            defer {
                var span = bytes.mutableSpan
                wipe(&span)
            }
            return try put(
                bytes, plan, in: scopes.names.record.name, cancellation: cancellation)
        case .long(let stream, let codec):
            return try putLarge(
                stream, plan, byteCount: { stream.byteCount }, codec: codec, expectedByteCount: nil,
                in: scopes, progress: ProgressMeter(progress, totalByteCount: nil),
                cancellation: cancellation)
        }
    }

    /// Seals a small object and commits it, with other callers' and perhaps in one of their threads.
    private func putSmall(
        _ bytes: [UInt8], _ layout: ChunkLayout, _ plan: PutPlan, in scopeName: ScopeName
    ) throws(StoreError) -> ObjectInfo {
        try registry.withScopesForPut(scopeName, encryption: plan.encryptionScope) {
            scopes throws(StoreError) in
            try putSmall(plan, in: scopes) { [self] () throws(StoreError) in
                try sealer.sealSmall(bytes, layout, plan, scopes)
            }
        }
    }

    private func putSmall(
        _ plan: PutPlan, in scopes: PutScopes,
        seal: @escaping @Sendable () throws(StoreError) -> NewObject
    ) throws(StoreError) -> ObjectInfo {
        let sealed = Mutex<PutOperation?>(nil)
        do throws(StoreError) {
            let answer = try catalog.put { [self] () throws(StoreError) in
                let put = try operation(try seal(), plan, in: scopes)
                sealed.withLock { $0 = put }
                return put
            }
            guard let put = sealed.withLock({ $0 }) else {
                preconditionFailure("committed without an object")
            }
            try finish(put, in: scopes, answer)
            return ObjectInfo(put.object, plan, in: scopes)
        } catch {
            throw error.ofPut(plan.name)
        }
    }

    private func putLarge(
        _ source: some ChunkSource, _ plan: PutPlan, byteCount: () -> Int, codec: Codec,
        expectedByteCount: Int?, in scopes: PutScopes, progress: ProgressMeter?,
        cancellation: Cancellation
    ) throws(StoreError) -> ObjectInfo {
        try checkEarly(plan, in: scopes.names)
        let sealing = scopes.encryption
        let version = try sealer.newVersion(
            plan, codec, under: try sealer.dataKeys.fresh(in: sealing), in: sealing)
        let blob: BlobWriter
        do throws(StoreError) {
            blob = try blobs.begin(version.objectID, expectedByteCount: expectedByteCount)
        } catch {
            throw error.ofPut(plan.name)
        }
        do throws(StoreError) {
            let sealing = Sealing(
                keys: version.keys, chunkSize: plan.chunkSize, codec: codec, workers: workers,
                library: library, progress: progress)
            let sealed = try sealing.run(source, into: blob, halt: Halt(cancellation))
            try cancellation.check()
            try blob.commit(byteCount: sealed.storedByteCount)
            let object = try sealer.newObject(
                plan, version, sealed, byteCount: byteCount(), content: .file, in: scopes)
            let info = try commit(object, version.dataKey, plan, in: scopes)
            onMoment?(.committed)
            blob.finish()
            onMoment?(.finished)
            return info
        } catch {
            // After an unknown outcome the row may be there: the next open of the store settles it.
            if error.code != .outcomeUnknown { blob.abort() }
            throw error.ofPut(plan.name)
        }
    }

    /// Refuses a put whose condition isn't met now, before its bytes are sealed for nothing. The
    /// commit checks again.
    private func checkEarly(_ plan: PutPlan, in scope: Scope) throws(StoreError) {
        let tag = try finder.tag(of: plan.name, in: scope)
        _ = try finder.states.basis(of: plan.condition, for: plan.name, tag: tag, in: scope)
        guard plan.condition != .always else { return }
        let existing = try catalog.object(scope: scope.record.rowID, tag: tag)
        _ = try finder.basis(of: plan.condition, for: plan.name, in: scope)
        guard let refusal = plan.condition.refusal(of: plan.name, existing: existing) else {
            return
        }
        // It tells what is there, and what is not.
        var reading = try authorizer.reading(scope)
        throw try access.release(&reading) { refusal }
    }
}

extension StoreError {
    /// The same error; if it is for want of room, it says which object wasn't stored.
    fileprivate func ofPut(_ name: ObjectName) -> StoreError {
        guard code == .noSpace else { return self }
        return StoreError(
            code, "'\(name)' was not stored: \(reason)", about: .object(name.description),
            remedies: remedies, cause: cause)
    }
}

extension ObjectInfo {
    init(_ object: NewObject, _ plan: PutPlan, in scopes: PutScopes) {
        self.init(
            name: object.name, id: ObjectID(bytes: object.objectID), byteCount: object.byteCount,
            storedByteCount: object.storedByteCount, properties: plan.attributes.properties,
            createdMilliseconds: object.createdMilliseconds,
            modifiedMilliseconds: object.createdMilliseconds, metadata: plan.attributes.metadata,
            entityTag: EntityTag(bytes: object.entityTag),
            keyIdentifier: scopes.encryption.currentKey,
            chunkByteCount: object.chunkSize.byteCount, isCompressed: object.codec == .lz4,
            encryptionScope: scopes.isOne ? nil : scopes.encryption.record.name,
            providedKeyDigest: object.providedKeyDigest)
    }
}
