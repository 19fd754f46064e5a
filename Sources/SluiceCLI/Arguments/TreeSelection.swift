internal import ArgumentParser
internal import Sluice

/// What `-r` passes over and removes, of `put` and `get`.
struct TreeSelection: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "With -r, pass over what matches: name, *.o, /top/only, dir/ (several times).",
            valueName: "pattern"))
    var exclude: [String] = []

    @Flag(help: "With -r, remove what the source hasn't, if all of that could be read.")
    var delete = false

    @Flag(help: "With -r, do what is unchanged again, too.")
    var all = false

    @Flag(help: "With -r, keep extended attributes, or give files those that were kept.")
    var xattrs = false

    @Flag(help: "With -r, change nothing; print what would be put or got, and removed.")
    var dryRun = false

    @Flag(help: "With --delete, also if that is most of what is there, or all.")
    var yes = false

    var patterns: TreePatterns { TreePatterns(exclude) }

    /// Refuses what says nothing without `-r`.
    func requireTree(_ isTree: Bool) throws {
        guard isTree || (exclude.isEmpty && !delete && !all && !dryRun && !xattrs) else {
            throw ValidationError(
                "--exclude, --delete, --all, --dry-run and --xattrs are for trees: add -r")
        }
        guard delete || !yes else { throw ValidationError("--yes is for --delete") }
        guard exclude.allSatisfy({ !$0.isEmpty && $0 != "/" }) else {
            throw ValidationError("a pattern of --exclude is empty")
        }
    }
}
