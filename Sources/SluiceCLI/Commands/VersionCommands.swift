internal import ArgumentParser
internal import Sluice

/// `sluice snapshot`.
struct SnapshotCommand: GlobalCommand {
    static let configuration = CommandConfiguration(
        commandName: "snapshot", _superCommandName: SluiceCommand.name,
        abstract: "Keep an object as it is now, as a version of it.",
        usage: "sluice snapshot <name> [<options>]",
        discussion: """
            It shares the object's bytes on disk, and stays whatever becomes of the object, until \
            it is removed. Access to the key takes it away as it does the object; `sluice pin` is \
            for what is to outlive that.

            EXAMPLE:
              sluice snapshot app.db
              sluice get app.db --at <time> -o app.db
            """)

    @Argument(help: "The object's name.")
    var name: String

    @OptionGroup var global: GlobalOptions

    func run() throws {
        let name = try ObjectName(name)
        let info = try global.session.write { store, _ in
            try global.tellingTrees(of: name, in: store) {
                try store.snapshot(name, in: global.scopeName)
            }
        }
        let id = info.name.version?.id.description ?? ""
        try global.output.print(
            VersionDocument(info),
            text: "kept \(global.output.shown(name.description)) as it is at \(id)\n")
    }
}

/// `sluice versions`.
struct VersionsCommand: GlobalCommand {
    static let configuration = CommandConfiguration(
        commandName: "versions", _superCommandName: SluiceCommand.name,
        abstract: "List the versions of an object, or of everything below a prefix.",
        usage: """
            sluice versions <name> [<options>]
            sluice versions -r [<prefix>] [<options>]
            """,
        discussion: """
            Versions are snapshots, and what a scope keeps: see `sluice scope update`. `get`, `stat`, \
            `cp`, `pin` and `rm` take the time of one with --at.

            EXAMPLES:
              sluice versions app.db
              sluice versions -r backup/
            """)

    @Argument(help: "The object's name; with -r, what names begin with.")
    var name: String = ""

    @Flag(name: [.customShort("r"), .long], help: "Those of all names that begin so.")
    var recursive = false

    @OptionGroup var global: GlobalOptions

    func validate() throws {
        guard recursive || !name.isEmpty else {
            throw ValidationError("say whose versions to list: a name, or -r")
        }
    }

    func run() throws {
        try global.session.read { store in
            let versions = recursive ? try listed(store) : try versions(store)
            try global.output.print(
                versions.map { VersionDocument($0) }, text: text(versions),
                namesOf: versions.isEmpty ? [] : [global.scopeName], in: store)
        }
    }

    /// The versions of the name; an error if there is no such object either.
    private func versions(_ store: Store) throws -> [ObjectInfo] {
        let name = try ObjectName(name)
        let versions = try store.versions(of: name, in: global.scopeName)
        if versions.isEmpty {
            _ = try global.tellingTrees(of: name, in: store) {
                try store.info(name, in: global.scopeName)
            }
        }
        return versions
    }

    private func listed(_ store: Store) throws -> [ObjectInfo] {
        let options = ListOptions(prefix: name, listsVersions: true)
        return try store.list(options, in: global.scopeName).entries.compactMap { entry in
            if case .object(let info) = entry { info } else { nil }
        }
    }

    private func kind(of info: ObjectInfo) -> String {
        guard let kind = info.name.version?.kind else { return "" }
        let isSaid = !recursive || info.removal == nil || kind == .removed
        return isSaid ? kind.rawValue : "\(kind.rawValue), removed"
    }

    private func text(_ versions: [ObjectInfo]) -> String {
        var table = Table(
            .left, .left, .right, .left,
            titles: ["VERSION", "KIND", "SIZE", recursive ? "NAME" : "REMOVED"])
        for info in versions {
            let removed = info.removal.map {
                "\(Timestamp(milliseconds: $0.removedMilliseconds).inTable) UTC"
            }
            table.append([
                info.name.version?.id.description ?? "",
                kind(of: info),
                Quantity.bytes(info.byteCount),
                recursive ? global.output.shown(info.name.base.description) : removed ?? "",
            ])
        }
        return table.text
    }
}

/// `sluice undelete`.
struct UndeleteCommand: GlobalCommand {
    static let configuration = CommandConfiguration(
        commandName: "undelete", _superCommandName: SluiceCommand.name,
        abstract: "Bring back what was removed of an object, or of a tree.",
        usage: """
            sluice undelete <name> [<options>]
            sluice undelete -r [<path>] [<options>]
            """,
        discussion: """
            In a scope that keeps what is removed (`sluice scope update --keep-removed`). The \
            object comes back as what it was when it was removed, unless there is another of that \
            name by now; versions come back as versions.

            EXAMPLES:
              sluice undelete report.pdf
              sluice undelete -r backup/src/
            """)

    @Argument(help: "The object's name; with -r, the tree's path, or none for all.")
    var name: String = ""

    @Flag(
        name: [.customShort("r"), .long],
        help: "Bring back all that was removed below the path.")
    var recursive = false

    @OptionGroup var global: GlobalOptions

    func validate() throws {
        guard recursive || !name.isEmpty else {
            throw ValidationError("say what to bring back: a name, or -r")
        }
    }

    func run() throws {
        if recursive { return try restoreTree() }
        let name = try ObjectName(name)
        let restored = try global.session.write { store, _ in
            try store.restoreVersions(of: name, in: global.scopeName)
        }
        let text = restored.map { "brought back \(global.output.shown($0.name.description))\n" }
        try global.output.print(restored.map { VersionDocument($0) }, text: text.joined())
    }

    private func restoreTree() throws {
        let failures = FailureReport(global)
        let report = try global.session.write { store, _ in
            try global.withProgress("undelete") { line in
                try store.restoreTree(name, in: global.scopeName, progress: line?.treeHandler)
            }
        }
        failures.record(report, keptIn: name)
        let result = RestoredTree(report)
        try global.output.print(result, text: result.text(below: global.output.shown(name)))
        try failures.finish()
    }
}

/// What was brought back of a tree, as `--json` prints it.
private struct RestoredTree: Encodable {
    /// Names of objects.
    let objects: [String]
    /// Names of versions.
    let versions: [String]
    let failureCount: Int

    init(_ report: TreeReport) {
        objects = report.names.filter { $0.version == nil }.map(\.description)
        versions = report.names.filter { $0.version != nil }.map(\.description)
        failureCount = report.failures.count
    }

    func text(below path: String) -> String {
        var text = "brought back \(Quantity.count(objects.count, "object"))"
        if !versions.isEmpty { text += " and \(Quantity.count(versions.count, "version"))" }
        return text + (path.isEmpty ? "\n" : " below \(path)\n")
    }
}

/// A version, or an object that was brought back, as `--json` prints it.
struct VersionDocument: Encodable {
    let version: String?
    let kind: String?
    let removed: String?
    let due: String?
    let object: ObjectDocument

    init(_ info: ObjectInfo) {
        version = info.name.version?.id.description
        kind = info.name.version?.kind.rawValue
        removed = info.removal.map { Timestamp(milliseconds: $0.removedMilliseconds).description }
        due = info.removal.map { Timestamp(milliseconds: $0.dueMilliseconds).description }
        object = ObjectDocument(info)
    }
}
