/// A `$filter` of the kind that clients send: comparisons of fields with texts, joined by `and`.
public struct ODataFilter: Hashable, Sendable {
    /// What each field must be; names in lower case.
    public let wanted: [String: String]
    /// Functions without a comparison, in lower case: `atscope()`.
    public let functions: Set<String>

    /// Reads a filter; nil for one that is more.
    public init?(_ text: String) {
        var wanted: [String: String] = [:]
        var functions: Set<String> = []
        for part in Self.parts(text) {
            if let found = Self.comparison(part) {
                wanted[found.name.lowercased()] = found.value
            } else if part.hasSuffix("()") {
                functions.insert(part.lowercased())
            } else if let call = Self.call(part) {
                wanted[call.name.lowercased()] = call.value
            } else {
                return nil
            }
        }
        self.wanted = wanted
        self.functions = functions
    }

    /// The comparisons, split at `and` outside of quotation marks.
    private static func parts(_ text: String) -> [String] {
        var parts: [String] = [""]
        var isQuoted = false
        for word in text.split(separator: " ", omittingEmptySubsequences: false) {
            if !isQuoted, word.lowercased() == "and" {
                parts.append("")
                continue
            }
            parts[parts.count - 1] += (parts[parts.count - 1].isEmpty ? "" : " ") + word
            if word.utf8.count(where: { $0 == UInt8(ascii: "'") }) % 2 == 1 { isQuoted.toggle() }
        }
        return parts.filter { !$0.isEmpty }
    }

    /// `name eq 'value'`, and `names/any(c:c eq 'value')`, which is about one of several.
    private static func comparison(_ text: String) -> (name: String, value: String)? {
        if let any = text.firstRange(of: "/any("), text.hasSuffix(")"),
            let colon = text[any.upperBound...].firstIndex(of: ":"),
            let inner = comparison(String(text[text.index(after: colon)...].dropLast()))
        {
            return (String(text[..<any.lowerBound]), inner.value)
        }
        guard let sign = text.firstRange(of: " eq ") else { return nil }
        let value = String(text[sign.upperBound...])
        guard let literal = quoted(value) else { return nil }
        return (String(text[..<sign.lowerBound]).filter { $0 != " " }, literal)
    }

    /// `name('value')`.
    private static func call(_ text: String) -> (name: String, value: String)? {
        guard let open = text.firstIndex(of: "("), text.hasSuffix(")"),
            let value = quoted(String(text[text.index(after: open)...].dropLast()))
        else { return nil }
        return (String(text[..<open]), value)
    }

    private static func quoted(_ text: String) -> String? {
        guard text.count >= 2, text.first == "'", text.last == "'" else { return nil }
        // Two of them are one, and one is the end.
        let parts = String(text.dropFirst().dropLast()).split(
            separator: "''", omittingEmptySubsequences: false)
        guard !parts.contains(where: { $0.contains("'") }) else { return nil }
        return parts.joined(separator: "'")
    }
}
