internal import SluiceAccess
internal import SluiceFormat
internal import SluiceNative

/// Small files that are sealed and wait to be committed together.
struct PutBatch {
    let putter: TreePutter
    private(set) var scopes: PutScopes
    let work: TreeWork
    let tree: TreePutOptions
    let links: LinkedPuts
    private let pass: LinkedPuts.Pass
    private let prefix: String
    /// Nil where what stands in the way is removed in the end.
    private var obstacles: TreeObstacles?
    private var objects: [Waiting] = []

    private struct Waiting {
        let object: NewObject
        let plan: PutPlan
        /// Puts it once more, read again.
        let again: (inout PutBatch) -> Void

        var isDirectory: Bool { plan.attributes.properties.file?.kind == .directory }
    }

    init(
        putter: TreePutter, scopes: PutScopes, work: TreeWork, prefix: String,
        tree: TreePutOptions, links: LinkedPuts, pass: LinkedPuts.Pass
    ) {
        self.putter = putter
        self.scopes = scopes
        self.work = work
        self.tree = tree
        self.links = links
        self.pass = pass
        self.prefix = prefix
        obstacles = tree.removesOthers ? nil : TreeObstacles(putter.finder, prefix: prefix)
    }

    var count: Int { objects.count }

    private var scope: Scope { scopes.names }

    /// Puts a large file; seals what is small for the next commit.
    mutating func put(_ entry: TreeEntry, root: String, options: PutOptions) {
        let printable =
            entry.pathBytes.isEmpty ? root : "\(root)/\(ObjectName.printable(entry.pathBytes))"
        do throws(StoreError) {
            if let reason = Self.reasonToLeaveOut(entry) {
                throw StoreError(
                    .inputOutput, "'\(printable)' was left out: \(reason)", about: .file(printable))
            }
            guard let name = try name(entry) else { return }
            guard try !isObstructed(name, printable) else { return }
            var plan = try PutPlan(name, options)
            let again: (inout PutBatch) -> Void = { batch in
                batch.put(entry, root: root, options: options)
            }
            if entry.kind == .regular {
                let source = try OpenFile(entry, printable)
                let isFirst =
                    source.status.linkCount < 2
                    || links.isFirst(name, of: source.status.identity)
                guard isFirst || pass == .others else { return links.postpone(entry.pathBytes) }
                try putFile(source, entry.pathBytes, &plan, again)
            } else {
                let (bytes, file) = try read(entry, printable)
                try putBytes(bytes, file, printable, &plan, again)
            }
        } catch {
            work.failed(printable, error)
        }
    }

    /// The name of the object; nil if it is the top of the store, which none can have.
    private func name(_ entry: TreeEntry) throws(StoreError) -> ObjectName? {
        var name = Array(prefix.utf8) + entry.pathBytes
        if entry.kind == .directory {
            if name.isEmpty { return nil }
            if !entry.pathBytes.isEmpty { name.append(UInt8(ascii: "/")) }
        }
        return try ObjectName(utf8: name)
    }

    /// Whether the name is below that of a file in the store, which is told of the directory that has this name; throws
    /// if it is the one to tell.
    private mutating func isObstructed(
        _ name: ObjectName, _ printable: String
    ) throws(StoreError) -> Bool {
        guard var obstacles else { return false }
        let isBelowObject = try obstacles.isBelowObject(name, in: scope)
        self.obstacles = obstacles
        let isDirectory = name.utf8.last == UInt8(ascii: "/")
        guard isDirectory, isBelowObject, try obstacles.hasOther(name, in: scope) else {
            return isBelowObject
        }
        let file = String(name.description.dropLast())
        throw StoreError(
            .alreadyExists,
            "'\(printable)' was left out with all that is in it: the store has a file '\(file)'",
            about: .object(file), remedies: [.choose(.removingOthers), .run(.removeObject(file))])
    }

    /// Throws if a file's name is that of a directory in the store.
    private func checkNoDirectory(_ name: ObjectName, _ printable: String) throws(StoreError) {
        guard let obstacles, name.utf8.last != UInt8(ascii: "/"),
            try obstacles.hasOther(name, in: scope)
        else { return }
        throw StoreError(
            .alreadyExists, "'\(printable)' was left out: the store has a directory '\(name)/'",
            about: .object(name.description),
            remedies: [.choose(.removingOthers), .run(.removeTree(name.description))])
    }

    private mutating func putFile(
        _ source: OpenFile, _ path: [UInt8], _ plan: inout PutPlan,
        _ again: @escaping (inout PutBatch) -> Void
    ) throws(StoreError) {
        var file = FileProperties(source.status, .regular)
        if tree.keepsAttributes {
            file.attributes = try WantedAttributes.kept(
                of: ExtendedAttributes(of: source.file), source.path)
        }
        let byteCount = source.status.byteCount
        let first =
            source.status.linkCount > 1 ? try noteLink(source, &file, plan.name) : nil
        plan.attributes.properties.file = file
        if try isStored(byteCount: byteCount, plan),
            try first.map({ first throws(StoreError) in try sharesBytes(first, plan) }) ?? true
        {
            return work.unchanged()
        }
        if source.status.linkCount > 1, pass == .stored {
            links.yield(source.status.identity)
            return links.postpone(path)
        }
        try checkNoDirectory(plan.name, source.path)
        if try isPlanned(plan, byteCount: byteCount) { return }
        if let first, try share(first, plan) != nil { return work.done(byteCount: byteCount) }
        if let object = try sealed(source, plan) {
            objects.append(Waiting(object: object, plan: plan, again: again))
        } else {
            let info = try putter.objectWriter.put(
                source, plan, in: scopes, progress: nil, cancellation: work.cancellation)
            work.done(byteCount: info.byteCount)
        }
    }

    /// Seals what is no regular file.
    private mutating func putBytes(
        _ bytes: [UInt8], _ file: FileProperties, _ printable: String, _ plan: inout PutPlan,
        _ again: @escaping (inout PutBatch) -> Void
    ) throws(StoreError) {
        plan.attributes.properties.file = file
        if try isStored(byteCount: bytes.count, plan) { return work.unchanged() }
        try checkNoDirectory(plan.name, printable)
        if try isPlanned(plan, byteCount: bytes.count) { return }
        let object = try putter.sealer.sealSmall(
            bytes, plan.layout(byteCount: bytes.count), plan, scopes)
        objects.append(Waiting(object: object, plan: plan, again: again))
    }

    /// The bytes of what is no regular file, and what it is.
    private func read(
        _ entry: TreeEntry, _ printable: String
    ) throws(StoreError) -> ([UInt8], FileProperties) {
        let isLink = entry.kind == .symbolicLink
        let bytes: [UInt8]
        let status: FileStatus
        do throws(SystemError) {
            status = try entry.status()
            bytes = try isLink && status.kind == entry.kind ? entry.symbolicLinkTarget() : []
        } catch {
            throw StoreError(system: error, "put")
        }
        guard status.kind == entry.kind else {
            throw StoreError.replaced(printable)
        }
        var file = FileProperties(status, isLink ? .symbolicLink : .directory)
        if tree.keepsAttributes {
            file.attributes = try WantedAttributes.kept(of: entry.attributes, printable)
        }
        return (bytes, file)
    }

    /// Notes what a dry run would put; false if this is none.
    private func isPlanned(_ plan: PutPlan, byteCount: Int) throws(StoreError) -> Bool {
        guard tree.isDryRun else { return false }
        let tag = try putter.finder.tag(of: plan.name, in: scope)
        let existing = try putter.catalog.object(scope: scope.record.rowID, tag: tag)
        if let refusal = plan.condition.refusal(of: plan.name, existing: existing) {
            guard plan.attributes.properties.file?.kind == .directory else { throw refusal }
            work.unchanged()
        } else {
            work.planned(plan.name, byteCount: byteCount)
        }
        return true
    }

    private func isStored(byteCount: Int, _ plan: PutPlan) throws(StoreError) -> Bool {
        guard !tree.putsUnchanged else { return false }
        return try putter.storedFiles.isStored(
            byteCount: byteCount, plan, in: scopes, comparesAttributes: tree.keepsAttributes)
    }

    /// A small file, to be committed with others; nil if it is to be put by itself, for it is large, or of
    /// another size than it says.
    private func sealed(_ source: OpenFile, _ plan: PutPlan) throws(StoreError) -> NewObject? {
        let layout = try plan.layout(byteCount: source.status.byteCount)
        guard layout.rawStoredByteCount <= ObjectSealer.inlineByteCountLimit else { return nil }
        do throws(StoreError) {
            return try putter.sealer.sealSmall(source, layout, plan, scopes)
        } catch {
            guard error.cause is FileSource.UntrueSize else { throw error }
            return nil
        }
    }

    /// Why something in a tree can't be an object; nil if it can.
    private static func reasonToLeaveOut(_ entry: TreeEntry) -> String? {
        switch entry.kind {
        case .regular, .symbolicLink: nil
        case .directory: entry.isLeftOut ? "it is the store's own, or its vaults'" : nil
        case .pipe: "it is a pipe, which has no bytes to keep"
        case .other: "it is a socket or a device, which has no bytes to keep"
        }
    }

    mutating func commit() {
        while !objects.isEmpty {
            let batch = objects
            objects.removeAll(keepingCapacity: true)
            let moved = commit(batch)
            guard !moved.isEmpty else { return }
            // The scope has taken up another key version since they were sealed: they are sealed again.
            do throws(StoreError) {
                scopes = try putter.registry.scopes(as: scopes)
            } catch {
                for waiting in moved { work.failed(waiting.object.name.description, error) }
                return
            }
            for waiting in moved { waiting.again(&self) }
        }
    }

    /// Commits objects together; gives back those that were sealed for a version that isn't in use now.
    private func commit(_ batch: [Waiting]) -> [Waiting] {
        let writer = putter.objectWriter
        var moved: [Waiting] = []
        do throws(StoreError) {
            var puts: [PutOperation] = []
            var ready: [Waiting] = []
            var made: Set<[UInt8]> = []
            for waiting in batch {
                do throws(StoreError) {
                    puts.append(
                        try writer.operation(
                            waiting.object, waiting.plan, in: scopes, besides: &made))
                    ready.append(waiting)
                } catch {
                    // Of one object: what it would take the place of can't be kept.
                    guard error.code == .integrity || error.code == .leased || error.code == .held
                    else { throw error }
                    work.failed(waiting.object.name.description, error)
                }
            }
            guard !puts.isEmpty else { return [] }
            let answers = try putter.catalog.put(puts)
            for ((waiting, put), answer) in zip(zip(ready, puts), answers) {
                do throws(StoreError) {
                    try writer.finish(put, in: scopes, answer)
                    work.done(byteCount: waiting.object.byteCount)
                } catch {
                    if error.code == .scopeMoved {
                        moved.append(waiting)
                    } else if error.code == .alreadyExists, waiting.isDirectory {
                        // What is in it is what is asked about.
                        work.unchanged()
                    } else {
                        work.failed(waiting.object.name.description, error)
                    }
                }
            }
        } catch {
            for waiting in batch { work.failed(waiting.object.name.description, error) }
        }
        return moved
    }
}
