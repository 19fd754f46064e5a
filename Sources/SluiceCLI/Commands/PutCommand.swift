internal import ArgumentParser
internal import Sluice
internal import SluiceNative

/// `sluice put`.
struct PutCommand: GlobalCommand {
    static let configuration = CommandConfiguration(
        commandName: "put", _superCommandName: SluiceCommand.name,
        abstract: "Store files, trees, or standard input.",
        usage: """
            sluice put <file>|- ... [--as <name> | --prefix <path>] [-r] [<options>]
            sluice put --as <name> --from-command [<options>] -- <command> ...
            """,
        discussion: """
            A file is stored under the last part of its path, a tree below its own name. An \
            object that exists is replaced when the new one is complete, and never before, and \
            with it all that was said of it: type, tags and metadata are those of the put. \
            Sources that would get the same name are refused.

            With -r, modes, times and owners are kept, symbolic links as such, and directories as \
            objects whose names end with /; --xattrs also keeps extended attributes, up to 16 KiB of a \
            file, and access control lists with them. A file whose size, time, mode and owner are those in the \
            store is not put again (one modified in the last two seconds is, next time). Of a \
            file with several names (hard links) the bytes are stored once. Patterns of --exclude are those of rsync: * is anything but \
            /, ** anything, ? one character; one that begins with / is about the path from the top of \
            the tree, one that ends with / about directories. What they match is not removed by \
            --delete, either. A file that has become a directory, or the reverse, takes --delete.

            --delete removes what is in the store below the tree's name and not in the tree. Where \
            that would be all of it, or the tree goes to the top of the scope, as that of . does, \
            nothing is done without --yes: look with --dry-run first.

            Without --xattrs a file that is put again loses the attributes that were kept of it.

            Pipes, sockets and devices in a tree are left out, \
            and so are the store and the vaults themselves, and what can't be read or has no name \
            that an object can have. Each is named on standard error, with the reason; the rest is \
            stored, --delete removes nothing then, and the command exits with 74. A link that is \
            named itself is followed.

            Nothing is stored of a file that changes while it is read, or of a command that ends \
            with anything but 0: a shell's pipe can't tell that its left side failed.

            EXAMPLES:
              sluice put report.pdf notes.txt --prefix 2026/q1
              sluice put report.pdf --as latest.pdf --if-absent
              sluice put report.pdf --if-match <tag>     unless somebody has changed it
              sluice put -r src                store src/main.c as `src/main.c`
              sluice put -r src --delete --exclude '*.o' --dry-run
              tar c src | sluice put - --as src.tar --compress lz4
              sluice put --as app.sql --from-command -- pg_dump app
            """)

    @Argument(
        help: ArgumentHelp(
            "Files, directories with -r, - for standard input; a command.",
            valueName: "file"),
        completion: .file())
    var sources: [String] = []

    @Option(name: .customLong("as"), help: ArgumentHelp("The object's name.", valueName: "name"))
    var name: String?

    @Option(help: ArgumentHelp("Store below this path.", valueName: "path"))
    var prefix: String?

    @Flag(
        name: .customLong("from-command"),
        help: "Store what the command after -- prints, if it ends with 0.")
    var isFromCommand = false

    @Flag(name: [.customShort("r"), .long], help: "Store directories and what is in them.")
    var recursive = false

    @OptionGroup(title: "Trees") var selection: TreeSelection

    @Flag(help: "With -r, pass over what is mounted within.")
    var oneFileSystem = false

    @Option(help: "Compress with LZ4: auto tries whether it pays.")
    var compress: Compression = .auto

    @Option(
        help: ArgumentHelp(
            "Bytes sealed as one: a power of two from 4K to 16M. (default: 256K)",
            valueName: "size"),
        transform: ByteCountArgument.parse)
    var chunkSize: ByteCountArgument?

    @OptionGroup(title: "What is said of them") var attributes: AttributeOptions

    @Option(
        help: ArgumentHelp("Seal for this scope: --scope has the names.", valueName: "scope"),
        transform: ScopeName.parse)
    var encryptionScope: ScopeName?

    @OptionGroup var providedKey: ProvidedKeyOption

    @Flag(help: "Fail if an object has the name already.")
    var ifAbsent = false

    @OptionGroup var match: MatchOption
    @OptionGroup var noneMatch: NoneMatchOption
    @OptionGroup var lease: LeaseOption

    @Option(help: "Full: done means on the disk. None: faster; a power cut may undo it.")
    var durability: Durability = .full

    @OptionGroup var global: GlobalOptions

    func validate() throws {
        guard name == nil || prefix == nil else {
            throw ValidationError("--as and --prefix exclude each other")
        }
        guard prefix != "" else {
            throw ValidationError("--prefix is empty: leave it out to store at the top")
        }
        try selection.requireTree(recursive)
        guard recursive || !oneFileSystem else {
            throw ValidationError("--one-file-system is for trees: add -r")
        }
        guard !recursive || providedKey.providedKey == nil else {
            throw ValidationError("--provided-key is for single objects: leave -r out")
        }
        guard sources.count == 1 && !recursive || isFromCommand || !asksForOneObject else {
            throw ValidationError(
                "--if-match, --if-none-match and --lease are about one object: put it alone")
        }
        if isFromCommand {
            // What stands before could be options of the command that were taken for this one's.
            let words = CommandLine.arguments.drop { $0 != "--" }.dropFirst()
            guard !sources.isEmpty, sources.count == words.count, !recursive else {
                throw ValidationError(
                    "--from-command takes a command behind --, and neither files nor -r")
            }
            guard name != nil else {
                throw ValidationError("what a command prints has no name: give one with --as")
            }
            return
        }
        guard !sources.isEmpty else {
            throw ValidationError("say what to store: files, directories with -r, or -")
        }
        guard name == nil || sources.count == 1 else {
            throw ValidationError("--as names one object; use --prefix for several sources")
        }
        guard name != nil || !sources.contains("-") else {
            throw ValidationError("standard input has no name: give one with --as")
        }
    }

    func run() throws {
        let plan = try plan()
        let failures = FailureReport(global)
        try global.session.write(createIfMissing: !selection.dryRun, durability: durability) {
            store, interruption in
            var result = PutResult(isDryRun: selection.dryRun)
            try requireForeign(plan, to: store)
            let lacksScope = !store.isNew && !hasScope(in: store)
            for source in plan {
                try failures.attempt {
                    try put(source, into: store, interruption, &result, failures)
                }
            }
            // Who has removed it, or made others, may not expect it.
            let isMade = lacksScope && hasScope(in: store)
            let note = isMade ? "made the scope 'default', under the platform's key\n" : ""
            try global.output.print(
                result, text: note + result.text(global.output),
                namesOf: selection.dryRun ? [global.scopeName] : [], in: store)
        }
        try failures.finish()
    }

    private var asksForOneObject: Bool {
        match.ifMatch != nil || lease.lease != nil || ![nil, "*"].contains(noneMatch.ifNoneMatch)
    }

    private func hasScope(in store: Store) -> Bool {
        (try? store.scope(global.scopeName)) != nil
    }
}
