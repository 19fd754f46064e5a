internal import ArgumentParser

/// `KEY=VALUE`; the key isn't empty, the value may be, and may hold `=`.
struct KeyValueArgument: SpelledArgument {
    let key: String
    let value: String

    static let form = "a key, = and its value, as owner=ann"

    init?(argument: String) {
        let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, !parts[0].isEmpty else { return nil }
        key = String(parts[0])
        value = String(parts[1])
    }
}

extension [KeyValueArgument] {
    /// The pairs by their keys, which must differ.
    func dictionary(of option: String) throws(ValidationError) -> [String: String] {
        var pairs: [String: String] = [:]
        for argument in self {
            guard pairs.updateValue(argument.value, forKey: argument.key) == nil else {
                throw ValidationError("\(option) has '\(argument.key)' twice: leave one out")
            }
        }
        return pairs
    }
}
