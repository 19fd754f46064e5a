internal import ArgumentParser
internal import Sluice
internal import SluiceNative

/// `sluice get`.
struct GetCommand: GlobalCommand {
    static let configuration = CommandConfiguration(
        commandName: "get", _superCommandName: SluiceCommand.name,
        abstract: "Get an object or a tree back.",
        usage: """
            sluice get <name> [-o <file>|-] [-r] [--range <a-b>] [<options>]
            sluice get <name> --at <time> [-o <file>|-] [--range <a-b>] [<options>]
            sluice get --pin <pin> [-o <file>|-] [--range <a-b>] [<options>]
            """,
        discussion: """
            Without -o the bytes go to standard output, unless that is a terminal. With -o the \
            file appears whole and authenticated, or not at all; a named pipe is waited for until \
            somebody reads it. A get that is killed (kill -9) can leave a file .sluice-get-N in the \
            directory, which the next get into it removes.

            With -r, what `put -r` kept comes back as it was: modes, times, symbolic links, \
            hard links, directories; with --owner also owners and set-user-id and set-group-id bits; with --xattrs the \
            extended attributes that `put -r --xattrs` kept, access control lists among them, and \
            capabilities with --owner. Those that can't be set are named, and the file is there without \
            them: those of security.* and trusted.* take root. Other \
            objects become files of mode 0600, as old as the object. A directory that was there \
            keeps its own mode and time. A file that is there unchanged is not got again, so a get \
            that was interrupted goes on: the attribute user.sluice.tag of a file says from which \
            state of the object it was got (where the file system keeps none, all is got again).

            --delete removes what is in the directory and not in the store, and replaces a file by a \
            directory and the reverse. Where that is more files than both have in common, nothing is \
            done without --yes: look with --dry-run first. Where something could not be got, nothing \
            is removed.

            EXAMPLES:
              sluice get report.pdf -o report.pdf
              sluice get app.sql | psql app
              sluice get log.txt --range -4096     the last 4,096 bytes
              sluice get log.txt --range 0-99      the first 100 bytes
              sluice get -r backup/src -o src      backup/src/a/b becomes src/a/b
              sluice get -r src -o src --delete    and nothing else is in src
              sluice get --pin <pin> -o model.bin  what `sluice pin` has kept
            """)

    @Argument(help: ArgumentHelp("The object's name, or the tree's path.", valueName: "name"))
    var name: String?

    @Option(
        help: ArgumentHelp("A pin, in place of a name.", valueName: "pin"), transform: PinID.init)
    var pin: PinID?

    @Option(
        name: [.customShort("o"), .long],
        help: ArgumentHelp("The file to write, or the directory with -r.", valueName: "file"),
        completion: .file())
    var output: String?

    @Flag(name: [.customShort("r"), .long], help: "Get what is below the path, into a directory.")
    var recursive = false

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "The bytes to get: A-B (both included), A- (to the end) or -N (the last N).",
            valueName: "a-b"),
        transform: ByteRange.parse)
    var range: ByteRange?

    @OptionGroup var version: VersionOption
    @OptionGroup var match: MatchOption
    @OptionGroup var noneMatch: NoneMatchOption
    @OptionGroup var providedKey: ProvidedKeyOption

    @OptionGroup(title: "Trees") var selection: TreeSelection

    @Flag(help: "With -r, give files to the users and groups that they belonged to; for root.")
    var owner = false

    @OptionGroup var global: GlobalOptions

    func validate() throws {
        guard (name == nil) != (pin == nil) else {
            throw ValidationError("say what to get: either a name or --pin")
        }
        guard version.at == nil || (name != nil && !recursive) else {
            throw ValidationError("--at is for the name of an object: leave -r and --pin out")
        }
        guard (match.ifMatch == nil && noneMatch.ifNoneMatch == nil) || (pin == nil && !recursive)
        else {
            throw ValidationError("--if-match and --if-none-match are for the name of an object")
        }
        guard providedKey.providedKey == nil || (pin == nil && !recursive) else {
            throw ValidationError(
                "--provided-key is for the name of an object: leave -r and --pin out")
        }
        try selection.requireTree(recursive)
        guard recursive || !owner else {
            throw ValidationError("--owner is for trees: add -r")
        }
        guard recursive else { return }
        guard pin == nil else { throw ValidationError("a pin is of one object: leave -r out") }
        guard range == nil else { throw ValidationError("--range is for one object, not for -r") }
        guard let output, output != "-" else {
            throw ValidationError("-r needs a directory to write to: add -o DIR")
        }
    }

    func run() throws {
        switch output {
        case let directory? where recursive: try getTree(into: directory)
        case let path? where path != "-" && !Self.isStandardOutput(path): try getFile(at: path)
        default: try getToStandardOutput()
        }
    }

    /// Whether a path leads to what standard output is, where a line of ours would end up among the bytes.
    private static func isStandardOutput(_ path: String) -> Bool {
        guard !File.standardOutput.isTerminal,
            let output = try? File.standardOutput.status().identity
        else { return false }
        return (try? FileSystem.status(path).identity) == output
    }
}

extension GetCommand {
    /// What to get.
    private enum Subject: CustomStringConvertible {
        case object(ObjectName)
        case pin(PinID)

        var description: String {
            switch self {
            case .object(let name): name.description
            case .pin(let id): id.description
            }
        }
    }

    private func subject() throws -> Subject {
        if let pin { return .pin(pin) }
        return .object(try ObjectName(name ?? ""))
    }

    /// What is asked of an object.
    private func condition() throws -> Condition {
        match.condition.and(noneMatch.condition).and(try providedKey.condition())
    }

    private func getToStandardOutput() throws {
        let subject = try subject()
        guard !File.standardOutput.isTerminal else {
            throw Failure(
                .invalidArgument, "the bytes of an object can upset a terminal",
                remedies: [.other("add -o FILE, or pipe them somewhere")])
        }
        do throws(SystemError) {
            // An object without bytes would find nothing wrong with it.
            try File.standardOutput.requireWritable()
        } catch {
            throw Failure(.inputOutput, "can't write to standard output: \(error.reason)")
        }
        _ = try global.session.read { store in
            try global.withProgress(subject.description) { line in
                switch subject {
                case .object(let own):
                    let name = try version.name(own, in: store, global.scopeName)
                    return try global.tellingTrees(
                        of: name, in: store, .run(.getTree(name.description))
                    ) {
                        try store.get(
                            name, range: range ?? .all, in: global.scopeName,
                            if: condition(),
                            to: StandardOutput(), progress: line?.byteHandler)
                    }
                case .pin(let id):
                    return try store.get(
                        pinned: id, range: range ?? .all, to: StandardOutput(),
                        progress: line?.byteHandler)
                }
            }
        }
    }

    private func getFile(at path: String) throws {
        let subject = try subject()
        let info = try global.session.write { store, _ in
            try store.requireForeign(path)
            return try global.withProgress(subject.description) { line in
                switch subject {
                case .object(let own):
                    let name = try version.name(own, in: store, global.scopeName)
                    return try global.tellingTrees(
                        of: name, in: store, .run(.getTree(name.description))
                    ) {
                        try store.get(
                            name, range: range ?? .all, in: global.scopeName,
                            if: condition(), toFileAt: path,
                            progress: line?.byteHandler)
                    }
                case .pin(let id):
                    return try store.get(
                        pinned: id, range: range ?? .all, toFileAt: path,
                        progress: line?.byteHandler)
                }
            }
        }
        let output = global.output
        try output.print(
            ObjectDocument(info),
            text: "got \(output.shown(info.name.description)) as \(output.shown(path))\n")
    }

    private func getTree(into directory: String) throws {
        let name = name ?? ""
        let failures = FailureReport(global)
        try global.session.write { store, _ in
            let report = try global.withProgress(name) { line in
                try global.tellingObjects(name, in: store) {
                    try store.getTree(
                        name, into: directory, in: global.scopeName,
                        options: TreeGetOptions(
                            excluded: selection.patterns, restoresOwners: owner,
                            restoresAttributes: selection.xattrs,
                            getsUnchanged: selection.all, removesOthers: selection.delete,
                            removesAll: selection.yes, isDryRun: selection.dryRun),
                        progress: line?.treeHandler)
                }
            }
            failures.record(report, keptIn: directory)
            let output = global.output
            let document = TreeDocument(report, isDryRun: selection.dryRun)
            let what = "\(output.shown(name)) as \(output.shown(directory))"
            try output.print(
                document, text: document.text("get", "got", what, output),
                namesOf: selection.dryRun ? [global.scopeName] : [], in: store)
        }
        try failures.finish()
    }
}
