/// A table of text, printed for a terminal or as Markdown.
public struct TextTable: Sendable {
    /// How a column is aligned.
    public enum Alignment: Sendable {
        /// Words.
        case left
        /// Figures.
        case right
    }

    let columns: [(title: String, alignment: Alignment)]
    private(set) var rows: [[String]] = []

    /// Makes a table without rows.
    public init(columns: [(title: String, alignment: Alignment)]) {
        self.columns = columns
    }

    /// Whether there is no row.
    public var isEmpty: Bool { rows.isEmpty }

    /// Adds a row, which has a text for each column.
    public mutating func append(_ row: [String]) {
        precondition(row.count == columns.count, "a text for each column")
        rows.append(row)
    }

    /// The table with aligned columns, two spaces apart, each line with its line feed.
    public var plainText: String {
        let widths = columns.indices.map { index in
            max(columns[index].title.count, rows.lazy.map { $0[index].count }.max() ?? 0)
        }
        let lines = [columns.map(\.title), widths.map { String(repeating: "-", count: $0) }] + rows
        return lines.map { line in
            let cells = line.indices.map { index in
                let padding = String(repeating: " ", count: widths[index] - line[index].count)
                return columns[index].alignment == .left
                    ? line[index] + padding : padding + line[index]
            }
            var text = cells.joined(separator: "  ")
            while text.last == " " { text.removeLast() }
            return text + "\n"
        }.joined()
    }

    /// The table in GitHub's Markdown.
    public var markdown: String {
        let rules = columns.map { $0.alignment == .left ? "---" : "---:" }
        let escaped = ([columns.map(\.title)] + [rules] + rows).map { line in
            line.map { $0.split(separator: "|", omittingEmptySubsequences: false) }
                .map { $0.joined(separator: "\\|") }
        }
        return escaped.map { "| " + $0.joined(separator: " | ") + " |\n" }.joined()
    }
}
