internal import ArgumentParser
internal import Sluice

/// A permission or an operation of a key, in any case; `all` for all.
struct KeyOperationArgument: ExpressibleByArgument {
    let operations: [KeyOperation]

    init?(argument: String) {
        if argument.lowercased() == "all" {
            operations = KeyOperation.allCases
        } else {
            guard let operation = KeyOperation(parsing: argument) else { return nil }
            operations = [operation]
        }
    }
}

extension [KeyOperationArgument] {
    /// All that were named.
    var operations: [KeyOperation] { flatMap(\.operations) }
}
