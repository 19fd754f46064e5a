internal import ArgumentParser
internal import Sluice

/// `sluice rm`.
struct RemoveCommand: GlobalCommand {
    static let configuration = CommandConfiguration(
        commandName: "rm", _superCommandName: SluiceCommand.name,
        abstract: "Remove objects or trees.",
        usage: """
            sluice rm <name> ... [-r] [--dry-run] [<options>]
            sluice rm <name> --at <time> [<options>]
            sluice rm --id <id> ... [<options>]
            """,
        discussion: """
            EXAMPLES:
              sluice rm report.pdf notes.txt
              sluice rm -r backup/src --dry-run    print what -r would remove
              sluice rm --id <id>                  as `sluice ls --ids` shows; needs no key
            """)

    @Argument(help: ArgumentHelp("Names of objects; paths of trees with -r.", valueName: "name"))
    var names: [String] = []

    @Option(
        name: .customLong("id"), parsing: .upToNextOption,
        help: ArgumentHelp(
            "Ids of objects, which work while access to the key is revoked.", valueName: "id"),
        transform: ObjectID.init)
    var ids: [ObjectID] = []

    @Flag(name: [.customShort("r"), .long], help: "Remove what is below the path, too.")
    var recursive = false

    @Flag(help: "Remove nothing; print what would be removed.")
    var dryRun = false

    @OptionGroup var version: VersionOption
    @OptionGroup var match: MatchOption
    @OptionGroup var lease: LeaseOption
    @OptionGroup var global: GlobalOptions

    func validate() throws {
        guard names.isEmpty != ids.isEmpty else {
            throw ValidationError("say what to remove: either names or --id")
        }
        guard ids.isEmpty || !(recursive || dryRun) else {
            throw ValidationError("-r and --dry-run are for names, not for --id")
        }
        guard (match.ifMatch == nil && lease.lease == nil) || (names.count == 1 && !recursive)
        else {
            throw ValidationError("--if-match and --lease are for one name, without -r")
        }
        guard version.at == nil || (names.count == 1 && !recursive) else {
            throw ValidationError("--at is for one name, without -r")
        }
    }

    func run() throws {
        let names = try names.map { try ObjectName($0) }
        let failures = FailureReport(global)
        var result = Result(isDryRun: dryRun)
        try global.session.write { store, _ in
            for name in names {
                try failures.attempt {
                    let name = try version.name(
                        name, in: store, global.scopeName, takesRemoved: true)
                    try remove(name, from: store, &result, failures)
                }
            }
            for id in ids {
                try failures.attempt {
                    try store.remove(id: id, in: global.scopeName)
                    result.append(id)
                }
            }
            try global.output.print(
                result, text: result.text(global.output),
                namesOf: result.holdsNames ? [global.scopeName] : [], in: store)
        }
        try failures.finish()
    }
}

extension RemoveCommand {
    private struct Result: Encodable {
        let isDryRun: Bool
        var objectCount = 0
        /// All that went, or in a dry run would go.
        var names: [String] = []
        var ids: [String] = []
        /// What people are told, for whom a tree is a line.
        private var lines: [String] = []

        private enum CodingKeys: String, CodingKey {
            case isDryRun, objectCount, names, ids
        }

        init(isDryRun: Bool) {
            self.isDryRun = isDryRun
        }

        /// Whether it tells what the store holds. What went is told in any case: those names are the user's,
        /// or a count.
        var holdsNames: Bool { isDryRun && objectCount > 0 }

        private var verb: String { isDryRun ? "would remove" : "removed" }

        mutating func append(_ name: ObjectName) {
            objectCount += 1
            names.append(name.description)
            lines.append("\(verb) \(name)")
        }

        mutating func append(_ id: ObjectID) {
            objectCount += 1
            ids.append(id.description)
            lines.append("\(verb) \(id)")
        }

        mutating func append(_ report: TreeReport, below path: ObjectName) {
            objectCount += report.objectCount
            names += report.names.map(\.description)
            if isDryRun {
                lines += report.names.map { "\(verb) \($0)" }
            } else {
                lines.append(
                    "\(verb) \(Quantity.count(report.objectCount, "object")) below \(path)")
            }
        }

        func text(_ output: Output) -> String {
            lines.map { output.shown($0) + "\n" }.joined()
        }
    }

    private func remove(
        _ name: ObjectName, from store: Store, _ result: inout Result,
        _ failures: FailureReport
    ) throws {
        let wasThere = try global.tellingTrees(
            of: name, in: store, .run(.removeTree(name.description))
        ) {
            try removeOne(name, from: store)
        }
        if wasThere { result.append(name) }
        guard recursive, let report = try removeTree(name, from: store, isAlone: !wasThere) else {
            return
        }
        failures.record(report, keptIn: name.description)
        result.append(report, below: name)
    }

    private var condition: Condition { match.condition.and(lease.condition) }

    /// Removes one object; with -r it need not be there.
    private func removeOne(_ name: ObjectName, from store: Store) throws(StoreError) -> Bool {
        do throws(StoreError) {
            if dryRun {
                _ = try store.info(name, in: global.scopeName, if: condition)
            } else {
                try store.remove(name, in: global.scopeName, if: condition)
            }
            return true
        } catch {
            guard recursive, error.code == .notFound else { throw error }
            return false
        }
    }

    /// Removes what is below a name; nil if that is nothing, which is an error only where the name
    /// itself isn't there either.
    private func removeTree(
        _ name: ObjectName, from store: Store, isAlone: Bool
    ) throws(StoreError) -> TreeReport? {
        let line = ProgressLine(name.description, isJSON: global.isJSON)
        defer { line?.finish() }
        do throws(StoreError) {
            return try store.removeTree(
                name.description, in: global.scopeName, dryRun: dryRun,
                progress: line?.treeHandler)
        } catch {
            guard !isAlone, error.code == .notFound else { throw error }
            return nil
        }
    }
}
