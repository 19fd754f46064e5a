internal import SluiceAccess
internal import SluiceFormat
internal import SluiceNative

/// Pins: versions of objects that stay readable through a revocation, an overwrite and a removal.
///
/// What a pin holds of its object's keys is sealed under the platform's key, in a scope of its own: it is
/// the one exception to the read barrier, explicit, listed and counted. Thread-safe.
final class PinKeeper: Sendable, StoreComponent {
    let context: StoreContext
    let registry: ScopeRegistry
    let maker: ScopeMaker
    let finder: ObjectFinder
    let keyring: ObjectKeyring
    let authorizer: ReadAuthorizer

    init(
        context: StoreContext, registry: ScopeRegistry, maker: ScopeMaker, finder: ObjectFinder,
        keyring: ObjectKeyring, authorizer: ReadAuthorizer
    ) {
        self.context = context
        self.registry = registry
        self.maker = maker
        self.finder = finder
        self.keyring = keyring
        self.authorizer = authorizer
    }

    /// See ``Store/pin(_:in:if:)``.
    @discardableResult
    func pin(
        _ name: ObjectName, in scopeName: ScopeName, if condition: Condition
    ) throws(StoreError) -> PinInfo {
        try context.checkWritable()
        let pins = try pinScope()
        while true {
            let object = try finder.find(name, in: scopeName)
            try finder.check(condition, of: object, named: name)
            try finder.take(condition.providedKey, for: object)
            let keys = try keyring.keys(of: object)
            let encryption = try registry.encryptionScope(of: object)
            let document = PinDocument(
                scope: scopeName.description, keyIdentifier: object.row.wrapped.key.description,
                pinnedMilliseconds: WallClock.nowMilliseconds, entityTag: object.row.entityTag,
                object: object.document, metadata: try object.metadataDocument(in: encryption))
            let pin = try sealPin(object, keys, document, in: pins)
            let info = try Self.info(pin, document)
            // Pinning is a release of the object's keys: it takes what reading the object does.
            let needs: Set<KeyUse> = [
                KeyUse(
                    key: object.row.wrapped.key, operation: .unwrapKey,
                    identity: encryption.identity(for: object.row.wrapped.key))
            ]
            // Replaced between the look and the transaction, if not: look again.
            if try commit(pin, of: object, in: pins, needs) { return info }
        }
    }

    /// Commits a pin; whether the object is still the one that was looked at.
    private func commit(
        _ pin: PinRow, of object: OpenObject, in pins: Scope, _ needs: Set<KeyUse>
    ) throws(StoreError) -> Bool {
        let scopes = object.scopes.all + [pins]
        var uses = scopes.map { $0.use(for: $0 === pins ? .wrapKey : .unwrapKey) }
        while true {
            let operation = PinOperation(
                pin: pin, objectRowID: object.row.rowID, scopes: uses, needs: needs)
            switch try catalog.pin(operation) {
            case .committed: return true
            case .refused(let error): throw error
            case .stale(.otherObject): return false
            case .stale(let finding):
                for (index, scope) in scopes.enumerated() {
                    try scope.correct(&uses[index], by: finding, library: library)
                }
            }
        }
    }

    /// See ``Store/unpin(_:)``.
    func unpin(_ id: PinID) throws(StoreError) {
        try context.checkWritable()
        let pinID = try id.bytes()
        guard try catalog.unpin(pinID) else { throw StoreError.missingPin(id) }
    }

    /// See ``Store/pins()``.
    func pins() throws(StoreError) -> [PinInfo] {
        try context.checkOpen()
        let rows = try catalog.pins()
        guard !rows.isEmpty else { return [] }
        let scope = try presentPinScope()
        var infos: [PinInfo] = []
        for row in rows { infos.append(try Self.info(row, try openPin(row, in: scope).document)) }
        let opened = infos
        var reading = try authorizer.reading(scope)
        return try access.release(&reading) { opened }
    }

    /// The scope that pins were sealed under: no other could open them.
    private func presentPinScope() throws(StoreError) -> Scope {
        if let scope = try registry.find(.pins) { return scope }
        throw StoreError(
            .integrity, "the catalog has pins, and has lost their scope",
            remedies: [.restoreBackup])
    }

    /// The scope that pins are sealed under, by the platform's key: made when first needed.
    private func pinScope() throws(StoreError) -> Scope {
        if let scope = try registry.find(.pins) { return scope }
        // Another scope would make their loss final.
        if try catalog.hasPins() { return try presentPinScope() }
        do throws(StoreError) {
            try maker.make(.pins, key: nil)
        } catch {
            // Another process was first.
            guard error.code == .alreadyExists else { throw error }
        }
        return try registry.scope(named: .pins)
    }

    private func sealPin(
        _ object: OpenObject, _ keys: ObjectKeys, _ document: PinDocument, in scope: Scope
    ) throws(StoreError) -> PinRow {
        let row = object.row
        var pin = PinRow(
            pinID: try library.identifier(), objectID: row.objectID,
            revision: try library.revision(), byteCount: row.byteCount,
            storedByteCount: row.storedByteCount, chunkSize: row.chunkSize, codec: row.codec,
            tableDigest: row.tableDigest, commitment: row.commitment, blobRowID: row.blobRowID,
            keys: [], document: [])
        let binding = pin.binding(in: scope).encoded()
        let plain = document.encoded()
        let revision = pin.revision
        (pin.keys, pin.document) = try scope.withSession("sealing a pin") {
            session throws(CryptoError) in
            (
                try session.sealKeys(
                    keys, under: KeyInfo.pinKeys(revision: revision), binding: binding),
                try session.sealDocument(plain, revision: revision, binding: binding)
            )
        }
        return pin
    }

    private func openPin(
        _ pin: PinRow, in scope: Scope
    ) throws(StoreError) -> (keys: ObjectKeys, document: PinDocument) {
        let what = "the pin \(PinID(bytes: pin.pinID))"
        let binding = pin.binding(in: scope).encoded()
        let (keys, bytes) = try scope.withSession(what) { session throws(CryptoError) in
            (
                try session.openKeys(
                    pin.keys, under: KeyInfo.pinKeys(revision: pin.revision), binding: binding,
                    commitment: pin.commitment),
                try session.openDocument(pin.document, revision: pin.revision, binding: binding)
            )
        }
        do throws(FormatError) {
            return (keys, try PinDocument(decoding: bytes))
        } catch {
            throw StoreError(format: error, what)
        }
    }

    func content(_ id: PinID) throws(StoreError) -> ObjectContent {
        try context.checkOpen()
        let pinID = try id.bytes()
        guard let row = try catalog.pin(pinID) else { throw StoreError.missingPin(id) }
        let scope = try presentPinScope()
        let (keys, document) = try openPin(row, in: scope)
        let record = scope.record
        // To the data plane it is an object of the pins' scope.
        let object = OpenObject(
            scope: scope,
            row: ObjectRow(
                rowID: 0, tag: [], directory: [], objectID: row.objectID, revision: row.revision,
                byteCount: row.byteCount, storedByteCount: row.storedByteCount,
                chunkSize: row.chunkSize, codec: row.codec, tableDigest: row.tableDigest,
                commitment: row.commitment, wrappedKeyRowID: 0, blobRowID: row.blobRowID,
                document: row.document,
                wrapped: WrappedKey(
                    scheme: record.scheme, key: record.currentKey, bytes: record.wrappedKey),
                keyRowID: record.currentKeyRowID, entityTag: document.entityTag),
            document: document.object)
        if let data = row.data {
            return ObjectContent(
                object: object, keys: keys, blob: InlineBlob(bytes: data), inlineBytes: data)
        }
        guard let blob = try blobs.open(row.objectID, byteCount: row.storedByteCount) else {
            throw StoreError(
                .integrity, "the blob of the pin '\(id)' is missing", about: .pin(id.description),
                remedies: [.restoreBackup])
        }
        return ObjectContent(object: object, keys: keys, blob: blob, inlineBytes: nil)
    }

    private static func info(
        _ pin: PinRow, _ document: PinDocument
    ) throws(StoreError) -> PinInfo {
        let key = try translated("read a pin") { () throws(VaultError) in
            try KeyIdentifier(parsing: document.keyIdentifier)
        }
        return PinInfo(
            id: PinID(bytes: pin.pinID), scope: try ScopeName(document.scope),
            object: ObjectInfo(
                name: try ObjectName(document: document.object.name),
                id: ObjectID(bytes: pin.objectID), byteCount: pin.byteCount,
                storedByteCount: pin.storedByteCount,
                properties: try document.object.objectProperties(),
                createdMilliseconds: document.object.createdMilliseconds,
                modifiedMilliseconds: document.object.modifiedMilliseconds,
                metadata: document.metadata?.pairs ?? [:],
                entityTag: EntityTag(bytes: document.entityTag),
                keyIdentifier: key, chunkByteCount: pin.chunkSize.byteCount,
                isCompressed: pin.codec == .lz4),
            pinnedMilliseconds: document.pinnedMilliseconds)
    }
}

extension OpenObject {
    /// Its metadata as a pin's document has it; nil without any.
    fileprivate func metadataDocument(in scope: Scope) throws(StoreError) -> MetadataDocument? {
        let pairs = try metadata(in: scope)
        return pairs.isEmpty ? nil : MetadataDocument(pairs)
    }
}

extension PinID {
    /// The id that this is the text of.
    fileprivate func bytes() throws(StoreError) -> [UInt8] {
        guard let bytes = StoreLayout.objectID(description) else {
            throw StoreError(
                .invalidArgument, "'\(self)' is not a pin, which has 32 hexadecimal digits",
                about: .pin(description), remedies: [.list(.pins)])
        }
        return bytes
    }
}
