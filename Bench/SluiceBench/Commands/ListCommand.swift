internal import ArgumentParser
internal import BenchKit
internal import SluiceNative

/// `sluice-bench list`.
struct ListCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "Print the cells, what each measures, and its ceiling.")

    @Option(help: "The sizes: smoke, standard or full.")
    var profile = Profile.standard

    func run() throws {
        let cells = try CellSet(.unmeasured(profile)).cells
        var table = TextTable(columns: [
            ("cell", .left), ("figure", .left), ("beside", .left), ("bound", .left),
        ])
        for cell in cells {
            table.append([
                cell.name, cell.figure.title,
                "\(cell.referenceKind.rawValue): \(cell.reference.workload.name)",
                cell.bound?.text(cell.figure, cell.unit) ?? "",
            ])
        }
        try Console.print(table.plainText)
        for cell in cells { try Console.print("\(cell.name)\n    \(cell.summary)") }
    }
}

extension Conditions {
    /// Conditions to look at cells, not to set them up.
    static func unmeasured(_ profile: Profile) -> Conditions {
        Conditions(
            profile: profile, seed: 0, corpus: CorpusCache(Corpus(entries: []), directory: ""),
            directory: "", scratch: "", sluice: Subprocess(path: ""), interruption: Interruption())
    }
}
