/// Patterns of paths in a tree, as rsync's simple ones.
///
/// `*` stands for any bytes but `/`, `**` for any bytes, `?` for one character but `/`; everything else stands for
/// itself. A pattern that begins with `/` is about the whole path from the top of the tree, any other about the last
/// part of a path, or as many of its last parts as the pattern has. One that ends with `/` is about directories only.
/// What is in a directory that one matches is matched, too.
public struct TreePatterns: Sendable, ExpressibleByArrayLiteral {
    private struct Pattern: Sendable {
        let tokens: [Token]
        let isAnchored: Bool
        let isOfDirectories: Bool
    }

    private enum Token: Sendable {
        case byte(UInt8)
        /// Any character but `/`.
        case one
        /// Any bytes; with `false`, but for `/`.
        case many(crossesSlashes: Bool)
    }

    private static let slash = UInt8(ascii: "/")
    private let patterns: [Pattern]

    /// Whether there is none.
    public var isEmpty: Bool { patterns.isEmpty }

    /// These patterns.
    public init(_ texts: [String] = []) {
        patterns = texts.map { text in
            var bytes = Array(text.utf8)[...]
            let isAnchored = bytes.first == Self.slash
            if isAnchored { bytes.removeFirst() }
            let isOfDirectories = bytes.last == Self.slash
            if isOfDirectories { bytes.removeLast() }
            return Pattern(
                tokens: Self.tokens(bytes), isAnchored: isAnchored,
                isOfDirectories: isOfDirectories)
        }
    }

    /// These patterns.
    public init(arrayLiteral texts: String...) {
        self.init(texts)
    }

    private static func tokens(_ bytes: ArraySlice<UInt8>) -> [Token] {
        var tokens: [Token] = []
        for byte in bytes {
            switch byte {
            case UInt8(ascii: "*"):
                if case .many = tokens.last {
                    tokens[tokens.count - 1] = .many(crossesSlashes: true)
                } else {
                    tokens.append(.many(crossesSlashes: false))
                }
            case UInt8(ascii: "?"): tokens.append(.one)
            default: tokens.append(.byte(byte))
            }
        }
        return tokens
    }

    /// Whether a pattern is about the path itself, whatever is about the directories above it.
    func match(_ path: [UInt8], isDirectory: Bool) -> Bool {
        patterns.contains { pattern in
            (isDirectory || !pattern.isOfDirectories) && Self.match(path, pattern)
        }
    }

    /// Whether a pattern is about the path or a directory above it. A path that ends with `/` is a directory's.
    func matchBelow(_ path: [UInt8]) -> Bool {
        if isEmpty { return false }
        for (index, byte) in path.enumerated() where byte == Self.slash {
            if match(Array(path[..<index]), isDirectory: true) { return true }
        }
        return path.last == Self.slash ? false : match(path, isDirectory: false)
    }

    /// Follows all ways through the pattern at once: no pattern takes long.
    private static func match(_ path: [UInt8], _ pattern: Pattern) -> Bool {
        let tokens = pattern.tokens
        guard !tokens.isEmpty else { return false }
        var states = [Bool](repeating: false, count: tokens.count + 1)
        // A pattern that isn't anchored may begin behind any slash.
        enter(0, &states, tokens)
        for byte in path {
            var next = [Bool](repeating: false, count: tokens.count + 1)
            for (index, token) in tokens.enumerated() where states[index] {
                switch token {
                case .byte(let wanted): if byte == wanted { enter(index + 1, &next, tokens) }
                case .one:
                    // The other bytes of a character are passed over below.
                    if byte != slash { enter(index + 1, &next, tokens) }
                case .many(let crossesSlashes):
                    if crossesSlashes || byte != slash { enter(index, &next, tokens) }
                }
            }
            if byte & 0xC0 == 0x80 {
                for index in 1...tokens.count where states[index] {
                    if case .one = tokens[index - 1] { enter(index, &next, tokens) }
                }
            }
            if byte == slash, !pattern.isAnchored { enter(0, &next, tokens) }
            states = next
        }
        return states[tokens.count]
    }

    /// Reaches a state, and those behind it that take no byte.
    private static func enter(_ state: Int, _ states: inout [Bool], _ tokens: [Token]) {
        var state = state
        states[state] = true
        while state < tokens.count, case .many = tokens[state] {
            state += 1
            states[state] = true
        }
    }
}
