internal import BenchKit

/// Which cells a gate can hold against its baseline, and which it can't.
struct GatedCells {
    /// Those that the baseline has, in the order in which they are measured.
    let cells: [Cell]
    /// The names of those that were asked for and that the baseline lacks.
    let lackingNames: [String]
    /// The names of those that the baseline has and that are no more.
    let goneNames: [String]

    /// Of the cells `all`, those `wanted` are asked for, and those of `recordedNames` the baseline has.
    init(_ wanted: [Cell], of all: [Cell], recordedNames: [String]) {
        let known = Set(recordedNames)
        let existing = Set(all.map(\.name))
        cells = wanted.filter { known.contains($0.name) }
        lackingNames = wanted.map(\.name).filter { !known.contains($0) }
        goneNames = recordedNames.filter { !existing.contains($0) }
    }

    /// What isn't gated, and what to do about that.
    var notes: [String] {
        var notes: [String] = []
        if !lackingNames.isEmpty {
            notes.append(
                """
                Not gated, because the baseline doesn't have them: \
                \(lackingNames.joined(separator: ", ")). To gate them, record a baseline with \
                sluice-bench run and a --filter that matches them, or none.
                """)
        }
        if !goneNames.isEmpty {
            notes.append(
                """
                Not gated, because only the baseline has them, and this version doesn't: \
                \(goneNames.joined(separator: ", ")). Record one with this version.
                """)
        }
        return notes
    }
}
