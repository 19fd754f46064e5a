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

    var patterns: TreePatterns { TreePatterns(exclude) }

    /// Refuses what says nothing without `-r`.
    func requireTree(_ isTree: Bool) throws {
        guard isTree || (exclude.isEmpty && !delete && !all) else {
            throw ValidationError("--exclude, --delete and --all are for trees: add -r")
        }
        guard exclude.allSatisfy({ !$0.isEmpty && $0 != "/" }) else {
            throw ValidationError("a pattern of --exclude is empty")
        }
    }
}
