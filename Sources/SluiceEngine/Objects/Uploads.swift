internal import SluiceAccess
internal import SluiceFormat
internal import SluiceNative

/// Keeps the parts of uploads, and commits objects that are made of them. Thread-safe.
final class Uploads: Sendable, StoreComponent {
    let context: StoreContext
    let registry: ScopeRegistry
    let finder: ObjectFinder
    let contents: ObjectContents
    let authorizer: ReadAuthorizer
    let objectWriter: ObjectWriter
    let extentWriter: ExtentWriter

    init(
        context: StoreContext, registry: ScopeRegistry, finder: ObjectFinder,
        contents: ObjectContents, authorizer: ReadAuthorizer, objectWriter: ObjectWriter,
        extentWriter: ExtentWriter
    ) {
        self.context = context
        self.registry = registry
        self.finder = finder
        self.contents = contents
        self.authorizer = authorizer
        self.objectWriter = objectWriter
        self.extentWriter = extentWriter
    }

    // MARK: Parts

    /// See ``Upload/put(_:id:)``.
    func put(
        _ id: PartID, _ plan: PutPlan, in scopeName: ScopeName,
        seal: (ExtentWriter, ExtentWriter.Purpose) throws(StoreError) -> ExtentWriter.Sealed
    ) throws(StoreError) -> PartInfo {
        try context.checkWritable()
        let scopes = try registry.scopesForPut(scopeName, encryption: plan.encryptionScope)
        let part = try put(
            id, plan, tag: try finder.tag(of: plan.name, in: scopes.names), in: scopes, seal: seal)
        return PartInfo(id: id, part.document)
    }

    /// Puts a part of what is to have the name, under a tag: the name's, or one that nobody else has.
    func put(
        _ id: PartID, _ plan: PutPlan, tag: [UInt8], in scopes: PutScopes,
        seal: (ExtentWriter, ExtentWriter.Purpose) throws(StoreError) -> ExtentWriter.Sealed
    ) throws(StoreError) -> OpenPart {
        let sealed = try seal(extentWriter, .part(tag: tag))
        do throws(StoreError) {
            let document = PartDocument(
                partID: id.utf8, byteCount: sealed.layout.byteCount,
                storedByteCount: sealed.storedByteCount, chunkSize: sealed.layout.chunkSize,
                codec: sealed.codec, createdMilliseconds: WallClock.nowMilliseconds,
                providedKeyDigest: try plan.providedKey?.digest(library) ?? [])
            guard document.byteCount > 0 else {
                throw StoreError(
                    .invalidArgument, "the part '\(id)' of '\(plan.name)' has no bytes",
                    about: .object(plan.name.description))
            }
            let row = try scopes.names.sealPart(
                document, sealed.keys, for: scopes.encryption, tag: tag, blobID: sealed.blobID,
                provided: plan.providedKey, library: library)
            try commit(row, in: scopes)
            sealed.blob.finish()
            return OpenPart(row: row, document: document, keys: sealed.keys)
        } catch {
            sealed.abandon(after: error)
            throw error
        }
    }

    /// What a part that is begun before it is put is sealed for.
    func purpose(
        ofPartOf plan: PutPlan, in scopeName: ScopeName
    ) throws(StoreError) -> ExtentWriter.Purpose {
        let scopes = try registry.scopesForPut(scopeName, encryption: plan.encryptionScope)
        return .part(tag: try finder.tag(of: plan.name, in: scopes.names))
    }

    private func commit(_ row: PartRow, in scopes: PutScopes) throws(StoreError) {
        var (names, encryption) = scopes.uses(isChange: false)
        while true {
            let part = PutPartOperation(part: row, scope: names, encryption: encryption)
            switch try catalog.put(part) {
            case .committed: return
            case .refused(let error): throw error
            case .stale(let finding):
                try scopes.correct(&names, &encryption, by: finding, library: library)
            }
        }
    }

    /// The uncommitted parts of a name, in the order in which they were put.
    func parts(of name: ObjectName, in scopeName: ScopeName) throws(StoreError) -> [PartInfo] {
        let scope = try registry.scopeForRead(scopeName, of: name)
        let tag = try finder.tag(of: name, in: scope)
        var infos: [PartInfo] = []
        for row in try catalog.parts(scope: scope.record.rowID, tag: tag) {
            infos.append(try PartInfo(try scope.openPartDocument(row)))
        }
        let parts = infos
        var reading = try authorizer.reading(scope)
        return try access.release(&reading) { parts }
    }

    /// The parts that an object was committed with, in its order; none of one that was put otherwise.
    func committedParts(
        of name: ObjectName, in scopeName: ScopeName
    ) throws(StoreError) -> [PartInfo] {
        try contents.withContent(of: name, in: scopeName, if: .always) {
            content throws(StoreError) in
            guard content.object.row.codec == .extents else { return [] }
            let created = try content.object.info.createdMilliseconds
            var parts: [PartInfo] = []
            for extent in try contents.extentTable(of: content).all()
            where !extent.entry.partID.isEmpty {
                parts.append(
                    PartInfo(
                        id: try PartID(utf8: extent.entry.partID), byteCount: extent.range.count,
                        createdMilliseconds: created))
            }
            let found = parts
            var reading = try authorizer.reading(content.object)
            return try access.release(&reading) { found }
        }
    }

    /// Removes the uncommitted parts of a name; how many there were.
    @discardableResult
    func abort(_ name: ObjectName, in scopeName: ScopeName) throws(StoreError) -> Int {
        try context.checkWritable()
        let scope = try registry.scopeForRead(scopeName, of: name)
        return try removeParts(tag: try finder.tag(of: name, in: scope), in: scope)
    }

    /// Removes the uncommitted parts under a tag; how many there were.
    @discardableResult
    func removeParts(tag: [UInt8], in scope: Scope) throws(StoreError) -> Int {
        var use = scope.use(for: .unwrapKey)
        while true {
            let removal = RemovePartsOperation(tag: tag, scope: use)
            switch try catalog.removeParts(removal) {
            case .committed(let count): return count
            case .refused(let error): throw error
            case .stale(let finding): try scope.correct(&use, by: finding, library: library)
            }
        }
    }

    // MARK: Committing

    /// See ``Upload/commit(_:)``.
    func commit(
        _ choices: [PartChoice], _ plan: PutPlan, in scopeName: ScopeName,
        _ cancellation: Cancellation
    ) throws(StoreError) -> ObjectInfo {
        try context.checkWritable()
        while true {
            try cancellation.check()
            let scopes = try registry.scopesForPut(scopeName, encryption: plan.encryptionScope)
            do throws(StoreError) {
                return try commitOnce(choices, plan, in: scopes, cancellation)
            } catch {
                guard error.code == .extentsMoved else { throw error }
                // Somebody committed or removed some of them meanwhile: look again.
            }
        }
    }

    private func commitOnce(
        _ choices: [PartChoice], _ plan: PutPlan, in scopes: PutScopes,
        _ cancellation: Cancellation
    ) throws(StoreError) -> ObjectInfo {
        var plan = plan
        let scope = scopes.names
        let tag = try finder.tag(of: plan.name, in: scope)
        guard !choices.isEmpty else {
            let info = try objectWriter.put(
                [], plan, in: scope.record.name, cancellation: cancellation)
            try abort(plan.name, in: scope.record.name)
            return info
        }
        var uncommitted: [[UInt8]: PartRow] = [:]
        for row in try catalog.parts(scope: scope.record.rowID, tag: tag) {
            uncommitted[row.part] = row
        }
        var committed: Committed?
        var extents: [Extent] = []
        var parts: [Int: ExtentBasis.Part] = [:]
        var opened: [[UInt8]: OpenPart] = [:]
        for choice in choices {
            let part = try scope.tag(ofPart: choice.id.utf8)
            let start = extents.last?.range.upperBound ?? 0
            if choice.place != .committed, let row = uncommitted[part] {
                let open: OpenPart
                if let known = opened[part] {
                    open = known
                } else {
                    open = try self.open(row, plan, choice.id, in: scopes)
                }
                opened[part] = open
                parts[row.rowID] = ExtentBasis.Part(rowID: row.rowID, revision: row.revision)
                extents.append(open.extent(at: start))
                continue
            }
            if choice.place != .uncommitted {
                let known: Committed
                if let committed {
                    known = committed
                } else {
                    known = try self.committed(plan, tag: tag, in: scope)
                }
                committed = known
                if let extent = known.extents[choice.id.utf8] {
                    var moved = extent
                    moved.entry.start = start
                    extents.append(moved)
                    continue
                }
            }
            throw try absence(of: choice, plan.name, in: scope)
        }
        try makeDurable(Array(opened.values), plan.name, in: scopes, cancellation)
        if let committed { plan.needs.formUnion(committed.needs) }
        let basis = ExtentBasis(
            extents.references, parts: Array(parts.values), source: committed?.source,
            endsUpload: true)
        return try extentWriter.put(extents, from: basis, plan, in: scopes)
    }

    /// An uncommitted part, opened, if it was put for the encryption scope of the object.
    private func open(
        _ row: PartRow, _ plan: PutPlan, _ id: PartID, in scopes: PutScopes
    ) throws(StoreError) -> OpenPart {
        let name = plan.name
        guard row.encryptionRowID == scopes.encryptionRowID else {
            throw StoreError(
                .invalidArgument,
                "the part '\(id)' of '\(name)' was put for another encryption scope; nothing was changed",
                about: .object(name.description),
                remedies: [.other("put that part again, for the scope of the object")])
        }
        let digest = try scopes.names.openPartDocument(row).providedKeyDigest
        guard try plan.providedKey?.digest(library) ?? [] == digest else {
            let refusal = StoreError.keyMismatch(
                "the part '\(id)' of '\(name)'", about: name.description,
                isSealed: !digest.isEmpty, isProvided: plan.providedKey != nil)
            var reading = try authorizer.reading(scopes.names)
            throw try access.release(&reading) { refusal }
        }
        return try scopes.names.openPart(
            row, for: scopes.encryption, provided: plan.providedKey)
    }

    /// Makes the bytes of parts durable. One that another process has put, and the machine may have failed since, is
    /// read as a whole first; whoever asks for one that isn't what was put is told.
    private func makeDurable(
        _ parts: [OpenPart], _ name: ObjectName, in scopes: PutScopes,
        _ cancellation: Cancellation
    ) throws(StoreError) {
        let entries = parts.map {
            BlobEntry(objectID: $0.row.blobID, byteCount: $0.document.storedByteCount)
        }
        let doubtful = Set(try blobs.makeDurable(entries).map(\.objectID))
        guard !doubtful.isEmpty else { return }
        let reading = HeldReading(try authorizer.reading(scopes.encryption))
        for part in parts where doubtful.contains(part.row.blobID) {
            do throws(StoreError) {
                try contents.check(
                    part.extent(at: 0), standing: reading.standing, Halt(cancellation))
            } catch {
                guard error.code == .integrity || error.isMissingBlob else { throw error }
                let id = try PartID(utf8: part.document.partID)
                throw try reading.release(through: access) {
                    StoreError(
                        .notFound,
                        "the part '\(id)' of '\(name)' has not outlived a failure of the machine; nothing was changed",
                        about: .object(name.description),
                        remedies: [.other("put that part again, and commit again")], cause: error)
                }
            }
        }
    }

    /// Commits an object of parts that nobody else sees.
    func commit(
        _ parts: [OpenPart], _ plan: PutPlan, in scopes: PutScopes, _ cancellation: Cancellation
    ) throws(StoreError) -> ObjectInfo {
        try makeDurable(parts, plan.name, in: scopes, cancellation)
        var extents: [Extent] = []
        for part in parts {
            var extent = part.extent(at: extents.last?.range.upperBound ?? 0)
            extent.entry.partID = []
            extents.append(extent)
        }
        let rowID = scopes.names.record.rowID
        let rows = try catalog.parts(scope: rowID, tag: parts[0].row.tag).map {
            ExtentBasis.Part(rowID: $0.rowID, revision: $0.revision)
        }
        let revisions = Set(rows.map(\.revision))
        guard parts.allSatisfy({ revisions.contains($0.row.revision) }) else {
            throw Self.lostParts(plan.name)
        }
        let basis = ExtentBasis(extents.references, parts: rows)
        do throws(StoreError) {
            return try extentWriter.put(extents, from: basis, plan, in: scopes)
        } catch {
            guard error.code == .extentsMoved else { throw error }
            throw Self.lostParts(plan.name)
        }
    }

    private static func lostParts(_ name: ObjectName) -> StoreError {
        StoreError(
            .notFound, "'\(name)' was not stored: its parts were removed meanwhile",
            about: .object(name.description), remedies: [.tryAgain])
    }

    /// What the object of a name was committed with.
    private struct Committed {
        var extents: [[UInt8]: Extent] = [:]
        var source: ExtentBasis.Source?
        var needs: Set<KeyUse> = []
    }

    private func committed(
        _ plan: PutPlan, tag: [UInt8], in scope: Scope
    ) throws(StoreError) -> Committed {
        let row = try catalog.object(scope: scope.record.rowID, tag: tag)
        guard let row, row.codec == .extents else { return Committed() }
        return try contents.withContent(
            of: plan.name, in: scope.record.name,
            if: plan.providedKey.map { .sealed(with: $0) } ?? .always
        ) {
            content throws(StoreError) in
            var known = Committed()
            guard content.object.row.codec == .extents else { return known }
            for extent in try contents.extentTable(of: content).all()
            where !extent.entry.partID.isEmpty {
                known.extents[extent.entry.partID] = extent
            }
            known.source = content.object.source
            known.needs = content.object.needs
            return known
        }
    }

    /// That there is no such part: the scope's keys tell that, so it passes the gate as what is there does.
    private func absence(
        of choice: PartChoice, _ name: ObjectName, in scope: Scope
    ) throws(StoreError) -> StoreError {
        var reading = try authorizer.reading(scope)
        return try access.release(&reading) {
            StoreError(
                .notFound,
                """
                '\(name)' has no \(choice.place.words)part '\(choice.id)'; nothing was changed
                """, about: .object(name.description),
                remedies: [.other("put that part, and commit again")])
        }
    }
}

extension OpenPart {
    /// All of it, as an extent that begins at `start`.
    func extent(at start: Int) -> Extent {
        guard let layout = ChunkLayout(byteCount: document.byteCount, chunkSize: document.chunkSize)
        else { preconditionFailure("a part with an impossible size was opened") }
        return Extent(
            start: start, layout: layout, codec: document.codec,
            storedByteCount: document.storedByteCount, blobID: row.blobID,
            partID: document.partID, keys: keys)
    }
}

extension OpenObject {
    /// What extents that are taken from this object hang on.
    var source: ExtentBasis.Source {
        ExtentBasis.Source(scope: scope.record.rowID, rowID: row.rowID, revision: row.revision)
    }

    /// What a commit needs that gives its bytes another name: what reading it does.
    var needs: Set<KeyUse> {
        var needs = Set(
            scopes.all.map {
                KeyUse(key: $0.currentKey, operation: .unwrapKey, identity: $0.identity)
            })
        if let encryptionScope {
            needs.insert(
                KeyUse(
                    key: row.wrapped.key, operation: .unwrapKey,
                    identity: encryptionScope.identity(for: row.wrapped.key)))
        }
        return needs
    }
}

extension PartInfo {
    fileprivate init(id: PartID, _ document: PartDocument) {
        self.init(
            id: id, byteCount: document.byteCount,
            createdMilliseconds: document.createdMilliseconds)
    }

    fileprivate init(_ document: PartDocument) throws(StoreError) {
        self.init(id: try PartID(utf8: document.partID), document)
    }
}
