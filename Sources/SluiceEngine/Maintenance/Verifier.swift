internal import SluiceAccess
internal import SluiceFormat
internal import SluiceNative

/// Reads and authenticates everything, and says what is damaged. Thread-safe.
final class Verifier: Sendable, StoreComponent {
    let context: StoreContext
    let registry: ScopeRegistry
    let finder: ObjectFinder
    let contents: ObjectContents
    let authorizer: ReadAuthorizer
    let pinKeeper: PinKeeper
    let keylessVerifier: KeylessVerifier

    init(
        context: StoreContext, registry: ScopeRegistry, finder: ObjectFinder,
        contents: ObjectContents, authorizer: ReadAuthorizer, pinKeeper: PinKeeper,
        keylessVerifier: KeylessVerifier
    ) {
        self.context = context
        self.registry = registry
        self.finder = finder
        self.contents = contents
        self.authorizer = authorizer
        self.pinKeeper = pinKeeper
        self.keylessVerifier = keylessVerifier
    }

    func verify(
        _ names: [ObjectName]?, in scopeName: ScopeName?, progress: ProgressHandler?,
        cancellation: Cancellation
    ) throws(StoreError) -> VerifyReport {
        try context.checkOpen()
        var report = VerifyReport()
        report.lostAndFound = try files?.lostAndFound()
        if let names {
            let part = try verify(names, in: scopeName ?? .default, cancellation)
            try release([part], into: &report)
            return report
        }
        try keylessVerifier.verifyCatalog(&report)
        let records = try catalog.scopes()
        if let scopeName, scopeName != .default, !records.contains(where: { $0.name == scopeName })
        {
            throw StoreError.missingScope(scopeName)
        }
        let meter = ProgressMeter(
            progress, totalByteCount: progress == nil ? nil : try totalByteCount(records, scopeName)
        )
        var parts: [VerifiedScope] = []
        for record in records where scopeName == nil || record.name == scopeName {
            parts.append(try verify(record, cancellation, meter))
        }
        var pins = VerifyReport()
        let canReadPins = parts.allSatisfy { $0.name != .pins || !$0.isRefused }
        if scopeName == nil, canReadPins { try verifyPins(cancellation, &pins) }
        try release(parts, into: &report)
        report.append(pins)
        return report
    }

    /// Verifies every object of a scope.
    private func verify(
        _ record: ScopeRecord, _ cancellation: Cancellation, _ meter: ProgressMeter?
    ) throws(StoreError) -> VerifiedScope {
        var part = VerifiedScope(name: record.name)
        let scope: Scope
        do throws(StoreError) {
            scope = try registry.scope(named: record.name)
        } catch {
            guard error.code == .integrity else {
                try part.refuse(error)
                return part
            }
            part.report.add(part.subject, error.reason)
            return part
        }
        part.scope = scope
        do throws(StoreError) {
            try keylessVerifier.forEachObject(inScope: record.rowID, &part.report) {
                found, report throws(StoreError) in
                try cancellation.check()
                try verify(found, in: scope, cancellation, meter, &report)
            }
            try verifyStates(in: scope, &part.report)
        } catch {
            try part.refuse(error)
        }
        return part
    }

    private func verifyStates(
        in scope: Scope, _ report: inout VerifyReport
    ) throws(StoreError) {
        for row in try catalog.states(inScope: scope.record.rowID) {
            do throws(StoreError) {
                _ = try scope.openState(row)
            } catch {
                guard error.code == .integrity else { throw error }
                report.add("row \(row.rowID) of states", error.reason)
            }
        }
    }

    /// Verifies the objects of these names.
    private func verify(
        _ names: [ObjectName], in scopeName: ScopeName, _ cancellation: Cancellation
    ) throws(StoreError) -> VerifiedScope {
        var part = VerifiedScope(name: scopeName)
        do throws(StoreError) {
            part.scope = try registry.find(scopeName)
            // A default scope that was never put to has no objects.
            guard part.scope != nil || scopeName == .default else {
                throw StoreError.missingScope(scopeName)
            }
            for name in names {
                try cancellation.check()
                try verify(name, in: part.scope, cancellation, &part.report)
            }
        } catch {
            try part.refuse(error)
        }
        return part
    }

    /// Puts together what was found. Findings name objects, which takes the scope's key to the end: what
    /// they say is let go of at last, each scope's under grants that hold then.
    private func release(
        _ parts: [VerifiedScope], into report: inout VerifyReport
    ) throws(StoreError) {
        for var part in parts {
            if let scope = part.scope, !part.report.findings.isEmpty {
                do throws(StoreError) {
                    var reading = try authorizer.reading(scope)
                    try access.release(&reading) { report.append(part.report) }
                    report.namedScopes.append(part.name)
                    continue
                } catch {
                    try part.refuse(error)
                }
            }
            report.append(part.report)
        }
    }

    private func verify(
        _ name: ObjectName, in scope: Scope?, _ cancellation: Cancellation,
        _ report: inout VerifyReport
    ) throws(StoreError) {
        var found: FoundObject?
        if let scope {
            let tag = try finder.tag(of: name, in: scope)
            found = try catalog.objectWithContent(scope: scope.record.rowID, tag: tag)
        }
        guard let scope, let found else {
            report.add(name.description, refusal: StoreError.noObject(name))
            return
        }
        try verify(found, in: scope, cancellation, nil, &report)
    }

    private func verify(
        _ found: FoundObject, in scope: Scope, _ cancellation: Cancellation,
        _ meter: ProgressMeter?, _ report: inout VerifyReport
    ) throws(StoreError) {
        report.objectCount += 1
        var subject = KeylessVerifier.subject(found.row)
        do throws(StoreError) {
            let object = try finder.authenticate(found.row, name: nil, in: scope)
            let name = try ObjectName(document: object.name)
            subject = name.description
            try verifyPlace(object, name)
            _ = try object.metadata(in: try registry.encryptionScope(of: object))
            guard try wrongDue(of: object) == nil else {
                throw StoreError(.integrity, "the catalog says that it goes at another time")
            }
            guard object.providedKeyNote == nil else {
                guard try contents.isThere(object, found.content) else {
                    return try reportMissing(found.row, of: subject, in: scope, &report)
                }
                try contents.keyring.proveEncryptionScope(of: object)
                try contents.keyring.checkDataKey(of: object)
                var reading = try authorizer.reading(object)
                try access.release(&reading) { report.providedKeyCount += 1 }
                return
            }
            guard let content = try contents.content(of: object, found.content) else {
                try reportMissing(found.row, of: subject, in: scope, &report)
                return
            }
            try verifyTable(content)
            try contents.opening(content, progress: meter, standing: contents.standing(of: content))
                .run(
                    0..<found.row.byteCount, to: VoidTarget(), halt: Halt(cancellation))
            // That it is whole is said of what may be read, be its key in memory or not.
            var reading = try authorizer.reading(object)
            try access.release(&reading) { report.byteCount += found.row.byteCount }
        } catch {
            guard !error.isMissingBlob else {
                try reportMissing(found.row, of: subject, in: scope, &report)
                return
            }
            guard error.code != .integrity else {
                report.add(subject, error.reason)
                return
            }
            if error.isUnreadableBlob {
                report.add(subject, refusal: error)
                return
            }
            guard error.isKeyRefusal else { throw error }
            // Of its own version's key, if the scope's can still be had; else that ends the scope.
            _ = try registry.scope(named: scope.record.name)
            report.add(subject, refusal: error)
        }
    }

    /// Reports that a blob is missing, unless the object was removed or replaced since its row was read, which is
    /// no fault.
    private func reportMissing(
        _ row: ObjectRow, of subject: String, in scope: Scope, _ report: inout VerifyReport
    ) throws(StoreError) {
        let now = try catalog.object(scope: scope.record.rowID, tag: row.tag)
        if now?.objectID == row.objectID { report.add(subject, "its blob is missing") }
    }

    /// When an object goes for good by its document, if the catalog says otherwise of it, be it that it never does.
    func wrongDue(of object: OpenObject) throws(StoreError) -> WrongDue? {
        let right = object.document.removal?.dueMilliseconds
        let said = try catalog.dueMilliseconds(ofObject: object.row.rowID)
        guard said != right else { return nil }
        // Changed meanwhile, perhaps.
        let now = try catalog.object(
            scope: object.scope.record.rowID, rowID: object.row.rowID)
        return now?.revision == object.row.revision ? WrongDue(right: right) : nil
    }

    /// The name must lead to the row by look-up, and to its directory by a walk from the root.
    func verifyPlace(_ object: OpenObject, _ name: ObjectName) throws(StoreError) {
        let scope = object.scope
        guard try finder.tag(of: name, in: scope) == object.row.tag else {
            throw StoreError(.integrity, "its row can't be found by its name")
        }
        var path = Scope.directory(of: name.utf8)
        guard try scope.tag(ofDirectory: path) == object.row.directory else {
            throw StoreError(.integrity, "its row stands in another directory than its name says")
        }
        while !path.isEmpty {
            let tag = try scope.tag(ofDirectory: path)
            let row = try catalog.directory(scope: scope.record.rowID, tag: tag)
            guard let row, try scope.openDirectory(row) == Array(path) else {
                throw StoreError(
                    .integrity,
                    "listings don't show its directory '\(ObjectName.printable(Array(path)))'")
            }
            path = Scope.parent(of: path)
        }
    }

    func verifyTable(_ content: ObjectContent) throws(StoreError) {
        let row = content.object.row
        let digest: [UInt8]?
        switch row.codec {
        case .raw: return
        case .lz4:
            digest = try OpenTable.digest(
                of: content.blob, chunkCount: content.object.layout.chunkCount,
                storedByteCount: row.storedByteCount, library: library)
        case .extents:
            digest = try OpenExtentTable.digest(
                of: content.blob, storedByteCount: row.storedByteCount, library: library)
        }
        guard digest == row.tableDigest else {
            throw StoreError(.integrity, "its chunk table is not the one that its row names")
        }
        try verifyExtents(content)
    }

    /// The catalog must count what the table of extents names, or its blobs could be taken for garbage.
    private func verifyExtents(_ content: ObjectContent) throws(StoreError) {
        let row = content.object.row
        guard row.codec == .extents, row.rowID != 0 else { return }
        let named = try contents.extentTable(of: content).all().references
        let counted = Set(try catalog.extents(ofObject: row.rowID))
        let now = try catalog.object(scope: content.object.scope.record.rowID, rowID: row.rowID)
        guard counted != named, now?.objectID == row.objectID else { return }
        throw StoreError(.integrity, "the catalog doesn't count the blobs of its extents")
    }

    private func verifyPins(
        _ cancellation: Cancellation, _ report: inout VerifyReport
    ) throws(StoreError) {
        for pinID in try catalog.pinIDs() {
            let id = PinID(bytes: pinID)
            do throws(StoreError) {
                let content = try pinKeeper.content(id)
                try contents.opening(
                    content, progress: nil, standing: contents.standing(of: content)
                ).run(
                    0..<content.object.row.byteCount, to: VoidTarget(), halt: Halt(cancellation))
                report.byteCount += content.object.row.byteCount
            } catch {
                switch error.code {
                // Ended meanwhile.
                case .notFound: continue
                case .integrity, .invalidArgument: report.add("pin \(id)", error.reason)
                case _ where error.isUnreadableBlob: report.add("pin \(id)", refusal: error)
                default:
                    // All are under the one key.
                    guard error.isKeyRefusal else { throw error }
                    report.add(VerifiedScope(name: .pins).subject, refusal: error)
                    return
                }
            }
        }
    }

    private func totalByteCount(
        _ records: [ScopeRecord], _ scopeName: ScopeName?
    ) throws(StoreError) -> Int {
        var total = 0
        for record in records where scopeName == nil || record.name == scopeName {
            total = total.addingClamped(try catalog.total(scope: record.rowID).byteCount)
        }
        return total
    }
}

/// What the catalog should say of when an object goes for good, in milliseconds since 1970; nil if it doesn't.
struct WrongDue {
    let right: Int?
}

/// What a verification has found in one scope.
private struct VerifiedScope {
    let name: ScopeName
    /// Nil if it can't be opened, or isn't there: then no name in it is known.
    var scope: Scope?
    var report = VerifyReport()
    private(set) var isRefused = false

    init(name: ScopeName) {
        self.name = name
    }

    var subject: String { "scope \(name)" }

    /// Lets go of what was found in it, and notes that its key is refused; throws any other error.
    mutating func refuse(_ error: StoreError) throws(StoreError) {
        guard error.isKeyRefusal else { throw error }
        isRefused = true
        scope = nil
        report = VerifyReport()
        report.add(subject, refusal: error)
    }
}
