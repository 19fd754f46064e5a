internal import SluiceAccess

/// A way in which the catalog can be damaged as a database: what SQLite finds, in words.
enum CatalogFault: CaseIterable {
    case unreadable, missing, index, value, page

    /// What SQLite's findings mean, each kind once, with what SQLite says of the first.
    static func descriptions(of findings: [String]) -> [String] {
        let lines = findings.flatMap { $0.split(separator: "\n") }
            // The name of the database, before what is found in it.
            .filter { !$0.hasPrefix("*** in database") }.map(String.init)
        return allCases.compactMap { fault in
            let own = lines.filter { Self(finding: $0) == fault }
            return own.first.map { fault.description(count: own.count, first: $0) }
        }
    }

    /// The fault that a line of SQLite's integrity check, or an error message of SQLite, tells of.
    private init(finding: String) {
        if finding.hasPrefix("no such ") {
            self = .missing
        } else if Self.ofTheWhole.contains(where: finding.contains) {
            self = .unreadable
        } else if finding.contains(" index ") {
            self = .index
        } else if finding.contains(" value in ") || finding.hasPrefix("CHECK constraint") {
            self = .value
        } else {
            self = .page
        }
    }

    /// What SQLite says when it can't even begin.
    private static let ofTheWhole = [
        "not a database", "malformed database schema", "unsupported file format", "unable to open",
    ]

    private func description(count: Int, first: String) -> String {
        let words =
            switch self {
            case .unreadable: "it can't be read as a database"
            case .missing: "a table or a column is missing in it"
            case .index: "an index doesn't lead to the rows that are there"
            case .value: "a row has a value that it can't have"
            case .page: "pages of it are damaged"
            }
        let places = count == 1 ? "" : " in \(count) places"
        return "\(words)\(places) (SQLite: \(first))"
    }

    /// What is thrown of a row that no store has written.
    static func impossible(_ what: String) -> StoreError {
        StoreError(
            .integrity, "the catalog \(what)",
            remedies: [.run(.repair(store: nil)), .restoreBackup])
    }
}
