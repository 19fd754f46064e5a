internal import SluiceAccess
internal import SluiceFormat
internal import SluiceNative

/// What is wrong with sealed content, which takes keys to see.
extension Repairer {
    /// Authenticates everything, and moves what is not what was sealed; makes directories anew. Returns
    /// the scopes that could be opened, with the names of what was found.
    func repairContent(
        _ lost: inout LostAndFound, _ report: inout RepairReport
    ) throws(StoreError) -> [RepairedScope] {
        let records: [ScopeRecord]
        do throws(StoreError) {
            records = try catalog.scopes()
        } catch {
            guard error.code == .integrity else { throw error }
            report.add("catalog", error.reason, .left)
            return []
        }
        let cancellation = context.beginOperation()
        var scopes: [RepairedScope] = []
        var canReadPins = records.contains { $0.name == .pins }
        for record in records {
            let scope: Scope
            do throws(StoreError) {
                scope = try registry.scope(named: record.name)
            } catch {
                // Its row, its key or its vault may come back: then its objects can be read again.
                report.add("scope \(record.name)", error.message, .left)
                if record.name == .pins { canReadPins = false }
                continue
            }
            try repairDirectories(in: scope, &lost, &report)
            try repairStates(in: scope, &lost, &report)
            var repaired = RepairedScope(scope)
            for rowID in try catalog.objectRowIDs(inScope: record.rowID) {
                try repairObject(rowID, in: &repaired, cancellation, &lost, &report)
            }
            scopes.append(repaired)
        }
        let pins = try catalog.rowIDs(of: .pins)
        if !canReadPins, !pins.isEmpty {
            report.add("pins", "the scope that they are sealed under can't be opened", .left)
        } else {
            var areOpened = true
            for rowID in pins {
                areOpened = try repairPin(rowID, cancellation, &lost, &report) && areOpened
            }
            for index in scopes.indices where scopes[index].scope.record.name == .pins {
                scopes[index].hasUnopened = scopes[index].hasUnopened || !areOpened
            }
        }
        return scopes
    }

    private func repairObject(
        _ rowID: Int, in repaired: inout RepairedScope, _ cancellation: Cancellation,
        _ lost: inout LostAndFound, _ report: inout RepairReport
    ) throws(StoreError) {
        try cancellation.check()
        let row = "row \(rowID) of objects"
        var subject = row
        do throws(StoreError) {
            guard let found = try catalog.objectWithContent(rowID: rowID) else { return }
            let named = try authenticated(found.row, in: repaired.scope, &lost, &report)
            guard named.providedKeyNote == nil else {
                return try repairProvided(named, found.content, in: &repaired, row, &report)
            }
            let authentic = try withEncryptionScope(named, &lost, &report)
            let name = try ObjectName(document: authentic.name)
            subject = name.description
            guard try opensEncryptionScope(of: authentic, &report) else {
                repaired.hasUnopened = true
                return repaired.keepNamed(
                    subject, "its encryption scope can't be opened", in: report)
            }
            let object = try withMetadata(authentic, name, in: &repaired, &lost, &report)
            try mendDue(object, row, &report)
            guard let content = try contents.content(of: object, found.content) else {
                throw StoreError(.integrity, "its blob is missing")
            }
            try mendExtents(content, row, &report)
            try verifier.verifyTable(content)
            try contents.opening(content, progress: nil, standing: contents.standing(of: content))
                .run(
                    0..<found.row.byteCount, to: VoidTarget(), halt: Halt(cancellation))
            try repairPlace(object, name, in: &repaired, &report)
        } catch {
            if error.code == .integrity {
                // What was left because it hangs on something else is left.
                guard !report.findings.contains(where: { $0.subject == row }) else { return }
                // lost+found must not have the name.
                let isUntold = error.isAuthenticationFailure || error.namesObject
                let words = isUntold ? "it fails to authenticate" : error.reason
                try moveObject(rowID, words, &lost, &report)
            } else {
                guard error.isKeyRefusal || error.isUnreadableBlob else { throw error }
                repaired.hasUnopened = true
                let words = error.isKeyRefusal ? "its key can't be used now" : error.reason
                guard !report.findings.contains(where: { $0.subject == row }) else { return }
                report.add(row, words, .left)
            }
            repaired.keepNamed(subject, error.message, in: report)
        }
    }

    private func mendDue(
        _ object: OpenObject, _ row: String, _ report: inout RepairReport
    ) throws(StoreError) {
        guard let due = try verifier.wrongDue(of: object) else { return }
        try catalog.setDue(
            due.right, ofObject: object.row.rowID, revision: object.row.revision)
        report.add(row, "the catalog said that it goes at another time", .mended)
    }

    /// Looks at an object whose bytes take a key that callers provide: what takes none is authenticated and put right, and that
    /// its blob is there; the rest is left alone.
    private func repairProvided(
        _ object: OpenObject, _ content: BlobContent, in repaired: inout RepairedScope,
        _ row: String, _ report: inout RepairReport
    ) throws(StoreError) {
        // Which blobs its table of extents names can't be seen.
        if object.row.codec == .extents { repaired.hasUnopened = true }
        try mendDue(object, row, &report)
        guard try contents.isThere(object, content) else {
            throw StoreError(.integrity, "its blob is missing")
        }
        try repairPlace(
            object, try ObjectName(document: object.name), in: &repaired, &report)
    }

    /// Whether the scope that an object is sealed for can be opened, if that is another than the one that has its name: with
    /// it the object can be read again, so it is left as it is.
    private func opensEncryptionScope(
        of object: OpenObject, _ report: inout RepairReport
    ) throws(StoreError) -> Bool {
        do throws(StoreError) {
            try registry.encryptionScope(of: object)
            return true
        } catch {
            guard error.code == .integrity || error.isKeyRefusal else { throw error }
            let row = "row \(object.row.rowID) of objects"
            guard !report.findings.contains(where: { $0.subject == row }) else { return false }
            report.add(
                row,
                error.isKeyRefusal
                    ? "its key can't be used now"
                    : "the scope that it is sealed for can't be opened",
                .left)
            return false
        }
    }

    /// Leads an object's row to the scope that it is sealed for, if the row names another: the commitment tells.
    private func withEncryptionScope(
        _ object: OpenObject, _ lost: inout LostAndFound, _ report: inout RepairReport
    ) throws(StoreError) -> OpenObject {
        guard !opens(object) else { return object }
        let (row, scope) = (object.row, object.scope)
        for candidate in [nil, try catalog.wrappingScope(ofObject: row.rowID)]
        where candidate != row.encryptionRowID && candidate != scope.record.rowID {
            var right = row
            right.encryptionRowID = candidate
            let found = try finder.authenticate(right, name: nil, in: scope)
            guard opens(found) else { continue }
            try keep(.objects, row.rowID, "it named another encryption scope", &lost)
            try catalog.setEncryptionScope(candidate, ofObject: row.rowID)
            report.add(
                "row \(row.rowID) of objects", "it named another encryption scope", .mended)
            return found
        }
        return object
    }

    /// Whether an object's data key is the one that it was sealed under.
    private func opens(_ object: OpenObject) -> Bool {
        (try? contents.keyring.keys(of: object)) != nil
    }

    /// Has the catalog count the blobs that a table of extents names, which is authenticated, where the count isn't.
    private func mendExtents(
        _ content: ObjectContent, _ row: String, _ report: inout RepairReport
    ) throws(StoreError) {
        let object = content.object.row
        guard object.codec == .extents else { return }
        let named = try contents.extentTable(of: content).all().references
        guard try catalog.mendExtents(ofManifest: object.objectID, to: named) else { return }
        report.add(row, "the catalog didn't count the blobs of its extents", .mended)
    }

    /// The object in a row, by the tag that the index had for it if it is none by its own.
    private func authenticated(
        _ row: ObjectRow, in scope: Scope, _ lost: inout LostAndFound, _ report: inout RepairReport
    ) throws(StoreError) -> OpenObject {
        do throws(StoreError) {
            return try finder.authenticate(row, name: nil, in: scope)
        } catch {
            guard error.code == .integrity, let tag = indexedTags[row.rowID] else { throw error }
            var indexed = row
            indexed.tag = tag
            guard let object = try? finder.authenticate(indexed, name: nil, in: scope) else {
                throw error
            }
            try keep(.objects, row.rowID, "its tag was damaged", &lost)
            try catalog.setTag(tag, ofObject: row.rowID)
            report.add("row \(row.rowID) of objects", "its tag was damaged", .mended)
            return object
        }
    }

    /// The object, without its metadata if they aren't what was sealed: they are kept with its row as it was.
    private func withMetadata(
        _ object: OpenObject, _ name: ObjectName, in repaired: inout RepairedScope,
        _ lost: inout LostAndFound, _ report: inout RepairReport
    ) throws(StoreError) -> OpenObject {
        let problem: String
        do throws(StoreError) {
            _ = try object.metadata(in: try registry.encryptionScope(of: object))
            return object
        } catch {
            guard error.code == .integrity else { throw error }
            problem = error.reason
        }
        let scope = object.scope
        var (row, document) = (object.row, object.document)
        (row.metadata, row.entityTag) = (nil, try library.identifier())
        document.modifiedMilliseconds = WallClock.nowMilliseconds
        row = try sealer.resealed(row, document, in: scope)
        let words = "its metadata fail to authenticate"
        try keep(.objects, row.rowID, words, &lost)
        let update = UpdateOperation(
            row: object.row, changed: row, name: name, condition: .always,
            scope: scope.use(for: .unwrapKey),
            dueMilliseconds: document.removal?.dueMilliseconds,
            state: try finder.states.state(ofTag: object.row.tag, in: scope).basis)
        switch try catalog.update(update) {
        case .committed: break
        case .refused(let error): throw error
        case .stale: throw StoreError(.busy, "somebody else changed the object")
        }
        report.add("row \(row.rowID) of objects", words, .mended)
        repaired.keepNamed(name.description, problem, in: report)
        let mended = OpenObject(
            scope: scope, row: row, document: document, encryptionName: object.encryptionName)
        try registry.encryptionScope(of: mended)
        return mended
    }

    /// Makes the directories of an object anew that listings lack.
    private func repairPlace(
        _ object: OpenObject, _ name: ObjectName, in repaired: inout RepairedScope,
        _ report: inout RepairReport
    ) throws(StoreError) {
        let problem: String
        do throws(StoreError) {
            return try verifier.verifyPlace(object, name)
        } catch {
            guard error.code == .integrity else { throw error }
            problem = error.reason
        }
        let scope = object.scope
        try catalog.addDirectories(
            try sealer.allDirectories(holding: name, in: scope), scope: scope.record.rowID)
        do throws(StoreError) {
            try verifier.verifyPlace(object, name)
        } catch {
            guard error.code == .integrity else { throw error }
            throw StoreError(.integrity, "its row isn't where its name belongs")
        }
        report.add("row \(object.row.rowID) of objects", "listings don't show it", .mended)
        repaired.keepNamed(name.description, problem, in: report)
    }

    /// Moves rows of directories that don't open: those that hold anything are made anew.
    private func repairDirectories(
        in scope: Scope, _ lost: inout LostAndFound, _ report: inout RepairReport
    ) throws(StoreError) {
        for row in try catalog.directories(inScope: scope.record.rowID) {
            try moveUnlessOpened(row.rowID, of: .directories, &lost, &report) {
                () throws(StoreError) in _ = try scope.openDirectory(row)
            }
        }
    }

    /// Moves what says that it holds objects, and isn't what was sealed: nobody could change them else.
    private func repairStates(
        in scope: Scope, _ lost: inout LostAndFound, _ report: inout RepairReport
    ) throws(StoreError) {
        for row in try catalog.states(inScope: scope.record.rowID) {
            try moveUnlessOpened(row.rowID, of: .states, &lost, &report) {
                () throws(StoreError) in _ = try scope.openState(row)
            }
        }
    }

    private func moveUnlessOpened(
        _ rowID: Int, of table: CatalogTable, _ lost: inout LostAndFound,
        _ report: inout RepairReport, _ open: () throws(StoreError) -> Void
    ) throws(StoreError) {
        do throws(StoreError) {
            try open()
        } catch {
            guard error.code == .integrity else { throw error }
            try move(table, rowID, error.reason, &lost, &report)
        }
    }

    /// Whether the pin could be opened, or was moved.
    private func repairPin(
        _ rowID: Int, _ cancellation: Cancellation, _ lost: inout LostAndFound,
        _ report: inout RepairReport
    ) throws(StoreError) -> Bool {
        do throws(StoreError) {
            guard let pin = try catalog.pin(rowID: rowID) else { return true }
            let content = try pinKeeper.content(PinID(bytes: pin.pinID))
            try mendExtents(content, "row \(rowID) of pins", &report)
            try contents.opening(content, progress: nil, standing: contents.standing(of: content))
                .run(
                    0..<content.object.row.byteCount, to: VoidTarget(), halt: Halt(cancellation))
        } catch {
            switch error.code {
            case .integrity, .invalidArgument:
                try movePin(rowID, error.reason, &lost, &report)
            default:
                let isOthers = error.isKeyRefusal || error.isUnreadableBlob
                guard isOthers || error.code == .notFound else { throw error }
                let row = "row \(rowID) of pins"
                if !report.findings.contains(where: { $0.subject == row }) {
                    report.add(row, error.message, .left)
                }
                return false
            }
        }
        return true
    }
}
