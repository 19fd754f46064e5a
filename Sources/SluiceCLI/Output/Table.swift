/// Rows whose columns line up.
struct Table {
    enum Alignment {
        case left
        case right
    }

    private let alignments: [Alignment]
    private var rows: [[String]] = []

    /// A table with these columns, and their titles as its first row if it has any.
    init(_ alignments: Alignment..., titles: [String] = []) {
        self.alignments = alignments
        if !titles.isEmpty { append(titles) }
    }

    /// Adds a row; what would break out of it is escaped.
    mutating func append(_ cells: [String]) {
        precondition(cells.count == alignments.count)
        rows.append(cells.map { PrintableText.escaped($0) })
    }

    /// The lines, each with its line break.
    var text: String {
        let widths = alignments.indices.map { column in
            rows.lazy.map { $0[column].count }.max() ?? 0
        }
        return rows.map { row in
            let cells = row.indices.map { column in
                let padding = String(repeating: " ", count: widths[column] - row[column].count)
                return alignments[column] == .left ? row[column] + padding : padding + row[column]
            }
            let line = cells.joined(separator: "  ")
            return String(line.reversed().drop { $0 == " " }.reversed()) + "\n"
        }.joined()
    }
}
