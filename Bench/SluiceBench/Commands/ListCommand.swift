internal import ArgumentParser
internal import BenchKit
internal import SluiceNative

/// `sluice-bench list`.
struct ListCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "Print the cells, what each measures, and its ceiling.")

    @Option(help: "The sizes: smoke or standard.")
    var profile = Profile.standard

    func run() throws {
        // Nothing is read or made before a cell is set up.
        let conditions = Conditions(
            profile: profile, seed: 0, corpus: CorpusCache(Corpus(entries: []), directory: ""),
            scratch: "", sluice: Subprocess(path: ""), interruption: Interruption())
        var table = TextTable(columns: [("cell", .left), ("beside", .left), ("bound", .left)])
        let cells = try CellSet(conditions).cells
        for cell in cells { table.append([cell.name, cell.reference, cell.bound]) }
        print(table.plainText)
        for cell in cells { print("\(cell.name)\n    \(cell.summary)") }
    }
}
