internal import ArgumentParser

/// `KEY=VALUE`; the key isn't empty, the value may be, and may hold `=`.
struct KeyValueArgument: ExpressibleByArgument {
    let key: String
    let value: String

    init?(argument: String) {
        let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, !parts[0].isEmpty else { return nil }
        key = String(parts[0])
        value = String(parts[1])
    }
}

extension [KeyValueArgument] {
    /// The pairs by their keys; of equal keys the last wins, as with other options.
    var dictionary: [String: String] {
        Dictionary(map { ($0.key, $0.value) }) { _, last in last }
    }
}
