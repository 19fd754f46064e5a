internal import ArgumentParser
internal import BenchKit
internal import SluiceNative

/// The options of every command that measures.
struct MeasuringOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Where to measure and to keep generated data. (default: a directory in $TMPDIR)",
            valueName: "dir"),
        completion: .directory)
    var directory: String?

    @Option(
        help: ArgumentHelp(
            "The sluice command. (default: the one beside sluice-bench)", valueName: "file"),
        completion: .file())
    var sluice: String?

    @Option(
        help: ArgumentHelp(
            "The manifest of the data. (default: the checkout's Data/corpus.json)",
            valueName: "file"),
        completion: .file())
    var corpus: String?

    @Option(help: "What data and orders are drawn from.")
    var seed: UInt64 = 1

    /// Makes the conditions, calls `body`, and removes whatever was made for it.
    func withConditions<Success>(
        _ profile: Profile, _ body: (Conditions) throws -> Success
    ) throws -> Success {
        let interruption = Interruption()
        try interruption.listen()
        let corpus = try Corpus(manifestAt: corpus)
        let work = try WorkDirectory(directory, neededByteCount: profile.neededByteCount)
        interruption.beforeEnd { try? work.clean() }
        let sluicePath =
            try sluice.map { (try? FileSystem.realPath($0)) ?? $0 }
            ?? Checkout.ownDirectory() + "/sluice"
        let conditions = Conditions(
            profile: profile, seed: seed, corpus: CorpusCache(corpus, directory: work.corpus),
            directory: work.path, scratch: work.scratch, sluice: Subprocess(path: sluicePath),
            interruption: interruption)
        let result = Result { try body(conditions) }
        try work.clean()
        return try result.get()
    }
}

/// Which cells are measured.
struct CellFilter: ParsableArguments {
    @Option(
        help: ArgumentHelp("Only cells whose names match this regular expression.", valueName: "re")
    )
    var filter: String?

    /// Those of a set.
    func cells(of set: CellSet) throws -> [Cell] { try matching(set.cells) }

    /// The cells that match; none is an error.
    func matching(_ all: [Cell]) throws -> [Cell] {
        guard let filter else { return all }
        guard let pattern = try? Regex(filter) else { throw BenchError.badPattern(filter) }
        let cells = all.filter { $0.name.contains(pattern) }
        guard !cells.isEmpty else { throw BenchError.noCells(filter: filter) }
        return cells
    }
}
