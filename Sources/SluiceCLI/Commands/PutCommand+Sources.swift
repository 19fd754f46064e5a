internal import Sluice
internal import SluiceNative

/// Something to store, and where it goes.
struct PutSource {
    enum Kind {
        case command([String], ObjectName)
        case stream(InterruptibleInput, ObjectName)
        case file(ObjectName)
        case tree(prefix: String)
    }

    let kind: Kind
    /// As it was given.
    let path: String
    /// The name that it gets, or the path that what is in it goes below; empty for the top.
    let target: String
}

extension PutCommand {
    /// Looks at all sources before anything is stored, so that a misspelt name costs nothing.
    func plan() throws -> [PutSource] {
        if isFromCommand {
            let name = try PathName.object(name ?? "")
            return [
                PutSource(
                    kind: .command(sources, name), path: sources.first ?? "",
                    target: name.description)
            ]
        }
        let plan = try sources.map(placed)
        try requireDistinct(plan)
        return plan
    }

    private func placed(_ path: String) throws -> PutSource {
        let target = try target(of: path)
        if path == "-" {
            return PutSource(
                kind: .stream(InterruptibleInput(), try PathName.object(target)),
                path: "standard input", target: target)
        }
        guard !path.isEmpty else {
            throw Failure(.invalidArgument, "a path is empty", remedies: [.other("name a file")])
        }
        let kind: FileStatus.Kind
        do throws(SystemError) {
            kind = try FileSystem.status(path).kind
        } catch {
            throw StoreError(
                system: error, "put", otherwise: error.isNotFound ? .notFound : .inputOutput)
        }
        switch kind {
        case .directory:
            guard recursive else {
                throw Failure(
                    .invalidArgument, "'\(path)' is a directory", about: .file(path),
                    remedies: [.run(.putTree(path))])
            }
            let directory = target.isEmpty ? "" : try PathName.directory(target)
            try requirePlaceOfItsOwn(path, directory)
            return PutSource(kind: .tree(prefix: directory), path: path, target: directory)
        case .regular:
            return PutSource(
                kind: .file(try PathName.object(target)), path: path, target: target)
        case .pipe, .other, .symbolicLink:
            let name = try PathName.object(target)
            return PutSource(
                kind: .stream(try InterruptibleInput(path: path), name), path: path, target: target)
        }
    }

    /// Refuses to make a whole scope what a directory is, unless that was said.
    private func requirePlaceOfItsOwn(_ path: String, _ target: String) throws(Failure) {
        guard selection.delete, target.isEmpty, !selection.yes, !selection.dryRun else { return }
        throw Failure(
            .invalidArgument,
            "'\(path)' goes to the top of the scope '\(global.scopeName)', where --delete removes all "
                + "that it hasn't; nothing was done", about: .file(path),
            remedies: [
                .other("give it a place of its own, with --as or --prefix"), .choose(.removingAll),
            ])
    }

    /// The name, or the tree's path, that a source gets.
    private func target(of path: String) throws -> String {
        if let name { return name }
        let own = PathName.last(of: path)
        guard let prefix else { return own }
        let directory = try PathName.directory(prefix)
        return own.isEmpty ? directory : "\(directory)/\(own)"
    }

    /// Refuses sources of which one would take another's place in silence.
    private func requireDistinct(_ plan: [PutSource]) throws(Failure) {
        // By bytes, as names are compared: composed or not, `é` is two strings and one key.
        var known: [[UInt8]: PutSource] = [:]
        for source in plan {
            let key = Array(source.target.utf8)
            guard let other = known.updateValue(source, forKey: key) else { continue }
            throw Self.conflict(other.path, source.path, over: source.target)
        }
        // A tree whose contents stand for themselves, as those of `.`, has names at the others' level.
        for tree in plan where PathName.last(of: tree.path).isEmpty && name == nil {
            for source in plan where source.path != tree.path {
                let inTree = "\(tree.path)/\(PathName.last(of: source.path))"
                guard (try? FileSystem.exists(inTree)) == true else { continue }
                throw Self.conflict(inTree, source.path, over: source.target)
            }
        }
    }

    private static func conflict(_ one: String, _ other: String, over target: String) -> Failure {
        Failure(
            .invalidArgument,
            "'\(one)' and '\(other)' would both be stored as '\(target)', and nothing was",
            about: .object(target),
            remedies: [.other("put them one by one, with --as or a --prefix of their own")])
    }

    /// Refuses what is the store's own, or its vaults', before anything is stored.
    func requireForeign(_ plan: [PutSource], to store: Store) throws(StoreError) {
        var known: Set<[UInt8]> = []
        for source in plan {
            guard case .file = source.kind else { continue }
            // Where a link leads to is what is read.
            let path = (try? FileSystem.realPath(source.path)) ?? source.path
            let directory = path.utf8.prefix(path.utf8.count - PathName.last(of: path).utf8.count)
            guard known.insert(Array(directory)).inserted else { continue }
            try store.requireForeign(path)
        }
    }
}

// MARK: - Storing

extension PutCommand {
    private func putOptions() throws -> PutOptions {
        var options = PutOptions()
        options.condition = (ifAbsent ? Condition.absent : .always).and(match.condition)
            .and(noneMatch.condition).and(lease.condition)
        options.compression = compress
        if let chunkSize { options.chunkByteCount = chunkSize.byteCount }
        var attributes = ObjectAttributes()
        try self.attributes.change(&attributes)
        options.properties = attributes.properties
        options.metadata = attributes.metadata
        options.encryptionScope = encryptionScope
        options.providedKey = try providedKey.key()
        return options
    }

    func put(
        _ source: PutSource, into store: Store, _ interruption: Interruption,
        _ result: inout PutResult, _ failures: FailureReport
    ) throws {
        let (scope, options) = (global.scopeName, try putOptions())
        switch source.kind {
        case .command(_, let name) where selection.dryRun,
            .stream(_, let name) where selection.dryRun,
            .file(let name) where selection.dryRun:
            result.append(planned: name)
        case .command(let words, let name):
            let input = try CommandInput(words)
            interruption.onInterrupt { input.interrupt() }
            // One whose output is no longer wanted is not waited for.
            defer { input.interrupt() }
            result.append(
                try global.withProgress(name.description) { line in
                    try store.put(
                        from: input, as: name, in: scope, options: options,
                        progress: line?.byteHandler)
                })
        case .stream(let input, let name):
            interruption.onInterrupt { input.interrupt() }
            result.append(
                try global.withProgress(name.description) { line in
                    try store.put(
                        from: input, as: name, in: scope, options: options,
                        progress: line?.byteHandler)
                })
        case .file(let name):
            result.append(
                try global.withProgress(name.description) { line in
                    try store.put(
                        fileAt: source.path, as: name, in: scope, options: options,
                        progress: line?.byteHandler)
                })
        case .tree(let prefix):
            let report = try global.withProgress(source.path) { line in
                try store.putTree(
                    at: source.path, prefix: prefix, in: scope, options: options,
                    tree: TreePutOptions(
                        excluded: selection.patterns, staysOnFileSystem: oneFileSystem,
                        keepsAttributes: selection.xattrs, putsUnchanged: selection.all,
                        removesOthers: selection.delete,
                        removesAll: selection.yes, isDryRun: selection.dryRun),
                    progress: line?.treeHandler)
            }
            result.append(report, path: source.path)
            failures.record(report, keptIn: source.target)
        }
    }
}
