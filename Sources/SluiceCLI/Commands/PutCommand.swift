internal import ArgumentParser
internal import Sluice
internal import SluiceNative

/// `sluice put`.
struct PutCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "put", _superCommandName: SluiceCommand.name,
        abstract: "Store files, trees, or standard input.",
        usage: "sluice put <file>|- ... [--as <name> | --prefix <path>] [-r] [<options>]",
        discussion: """
            A file is stored under the last part of its path, a tree below its own name. An \
            object that exists is replaced when the new one is complete, and never before.

            Symbolic links, pipes, sockets and devices in a tree are left out, and so is what can't \
            be read or has no name that an object can have. Each is named on standard error, with \
            the reason; the rest is stored, and the command exits with 74. A link that is named \
            itself is followed.

            EXAMPLES:
              sluice put report.pdf notes.txt --prefix 2026/q1
              sluice put report.pdf --as latest.pdf --if-absent
              sluice put -r src                store src/main.c as `src/main.c`
              tar c src | sluice put - --as src.tar --compress lz4
            """)

    @Argument(
        help: ArgumentHelp(
            "Files, directories with -r, or - for standard input.",
            valueName: "file"),
        completion: .file())
    var sources: [String]

    @Option(name: .customLong("as"), help: ArgumentHelp("The object's name.", valueName: "name"))
    var name: String?

    @Option(help: ArgumentHelp("Store below this path.", valueName: "path"))
    var prefix: String?

    @Flag(name: [.customShort("r"), .long], help: "Store directories and what is in them.")
    var recursive = false

    @Option(help: "Compress with LZ4: auto tries whether it pays.")
    var compress: Compression = .auto

    @Option(
        help: ArgumentHelp(
            "Bytes sealed as one: a power of two from 4K to 16M. (default: 256K)",
            valueName: "size"),
        transform: ByteCountArgument.parse)
    var chunkSize: ByteCountArgument?

    @Option(help: ArgumentHelp("The content type.", valueName: "type"))
    var contentType: String = ""

    @Option(
        name: .customLong("meta"),
        help: ArgumentHelp("User metadata; may be repeated.", valueName: "key=value"))
    var metadata: [KeyValueArgument] = []

    @Flag(help: "Fail if an object has the name already.")
    var ifAbsent = false

    @Option(help: "Full: done means on the disk. None: faster; a power cut may undo it.")
    var durability: Durability = .full

    @OptionGroup var global: GlobalOptions

    func validate() throws {
        guard name == nil || prefix == nil else {
            throw ValidationError("--as and --prefix exclude each other")
        }
        guard name == nil || sources.count == 1 else {
            throw ValidationError("--as names one object; use --prefix for several sources")
        }
        guard name != nil || !sources.contains("-") else {
            throw ValidationError("standard input has no name: give one with --as")
        }
        _ = try metadata.dictionary(of: "--meta")
    }

    func run() throws {
        let plan = try sources.map(placed)
        let failures = FailureReport(global)
        var result = PutResult()
        try global.session.write(createIfMissing: true, durability: durability) {
            store, interruption in
            for source in plan {
                try failures.attempt {
                    try put(source, into: store, interruption, &result, failures)
                }
            }
        }
        try global.output.print(result, text: result.text(global.output))
        try failures.finish()
    }
}

// MARK: - Sources

extension PutCommand {
    /// Something to store, and where it goes.
    private enum Source {
        case stream(InterruptibleInput, ObjectName)
        case file(path: String, ObjectName)
        case tree(path: String, prefix: String)
    }

    /// Looks at a source before anything is stored, so that a misspelt name costs nothing.
    private func placed(_ path: String) throws -> Source {
        if path == "-" { return .stream(InterruptibleInput(), try ObjectName(name ?? "")) }
        let kind: FileStatus.Kind
        do throws(SystemError) {
            kind = try FileSystem.status(path).kind
        } catch {
            throw Failure(error)
        }
        switch kind {
        case .directory:
            guard recursive else {
                throw Failure(
                    .invalidArgument, "'\(path)' is a directory: add -r to store what is in it")
            }
            return .tree(path: path, prefix: target(of: path))
        case .regular:
            return .file(path: path, try ObjectName(target(of: path)))
        case .pipe, .other, .symbolicLink:
            let name = try ObjectName(target(of: path))
            return .stream(try InterruptibleInput(path: path), name)
        }
    }

    /// The name, or the tree's path, that a source gets.
    private func target(of path: String) -> String {
        if let name { return name }
        let own = PathName.last(of: path)
        guard let prefix, !prefix.isEmpty else { return own }
        guard !own.isEmpty else { return prefix }
        return prefix.hasSuffix("/") ? prefix + own : "\(prefix)/\(own)"
    }

    private func putOptions() throws -> PutOptions {
        var options = PutOptions()
        options.condition = ifAbsent ? .ifAbsent : .always
        options.compression = compress
        if let chunkSize { options.chunkByteCount = chunkSize.byteCount }
        options.contentType = contentType
        options.metadata = try metadata.dictionary(of: "--meta")
        return options
    }

    private func put(
        _ source: Source, into store: Store, _ interruption: Interruption,
        _ result: inout PutResult, _ failures: FailureReport
    ) throws {
        let (scope, options) = (global.scopeName, try putOptions())
        switch source {
        case .stream(let input, let name):
            interruption.onInterrupt { input.interrupt() }
            result.append(
                try global.withProgress(name.description) { line in
                    try store.put(
                        from: input, as: name, in: scope, options: options,
                        progress: line?.byteHandler)
                })
        case .file(let path, let name):
            result.append(
                try global.withProgress(name.description) { line in
                    try store.put(
                        fileAt: path, as: name, in: scope, options: options,
                        progress: line?.byteHandler)
                })
        case .tree(let path, let prefix):
            let report = try global.withProgress(path) { line in
                try store.putTree(
                    at: path, prefix: prefix, in: scope, options: options,
                    progress: line?.treeHandler)
            }
            result.append(report, path: path)
            failures.record(leftOut: report.failures)
        }
    }
}

/// What a put has stored.
private struct PutResult: Encodable {
    /// What became of a directory; its objects are not told one by one.
    private struct Tree: Encodable {
        let path: String
        let objectCount: Int
        let byteCount: Int
        let failureCount: Int
    }

    private var objectCount = 0
    private var byteCount = 0
    /// Those that were named one by one.
    private var objects: [ObjectDocument] = []
    private var trees: [Tree] = []

    private enum CodingKeys: String, CodingKey {
        case objectCount, byteCount, objects, trees
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(objectCount, forKey: .objectCount)
        try container.encode(byteCount, forKey: .byteCount)
        // An empty list beside trees would say that nothing was put.
        if !objects.isEmpty || trees.isEmpty { try container.encode(objects, forKey: .objects) }
        if !trees.isEmpty { try container.encode(trees, forKey: .trees) }
    }

    mutating func append(_ info: ObjectInfo) {
        objectCount += 1
        byteCount += info.byteCount
        objects.append(ObjectDocument(info))
    }

    mutating func append(_ report: TreeReport, path: String) {
        objectCount += report.objectCount
        byteCount += report.byteCount
        trees.append(
            Tree(
                path: path, objectCount: report.objectCount, byteCount: report.byteCount,
                failureCount: report.failures.count))
    }

    func text(_ output: Output) -> String {
        let objectLines = objects.map { object in
            let stored =
                object.isCompressed
                ? ", \(Quantity.bytes(object.storedByteCount)) stored" : ""
            return
                "put \(output.shown(object.name)) (\(Quantity.bytes(object.byteCount))\(stored))\n"
        }
        let treeLines = trees.map { tree in
            let objects = Quantity.count(tree.objectCount, "object")
            let failures =
                tree.failureCount == 0
                ? "" : "; \(Quantity.grouped(tree.failureCount)) left out"
            return
                "put \(output.shown(tree.path)): \(objects), \(Quantity.bytes(tree.byteCount))"
                + "\(failures)\n"
        }
        return (objectLines + treeLines).joined()
    }
}
