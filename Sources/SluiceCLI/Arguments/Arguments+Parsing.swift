public import ArgumentParser
public import Sluice

extension Compression: ExpressibleByArgument {}
extension AccessTier: ExpressibleByArgument {}
extension Durability: ExpressibleByArgument {}
extension RewrapMode: ExpressibleByArgument {}
extension KeyWrapping: ExpressibleByArgument {}

// MARK: - For the parser's `transform`, which shows the reasons of the errors

extension ScopeName {
    /// Reads a scope's name.
    static func parse(_ text: String) throws -> ScopeName { try ScopeName(text) }
}

extension KeyIdentifier {
    /// Reads a key's identifier.
    static func parse(_ text: String) throws -> KeyIdentifier { try KeyIdentifier(parsing: text) }
}

extension ByteRange {
    /// Reads `A-B` (both included), `A-` or `-N`, as in HTTP.
    static func parse(_ text: String) throws -> ByteRange {
        guard let range = ByteRange(text) else {
            throw ValidationError(
                "write it as A-B (both included), A- (to the end) or -N (the last N)")
        }
        return range
    }

    private init?(_ text: String) {
        let parts = text.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2 else { return nil }
        switch (Self.number(parts[0]), Self.number(parts[1])) {
        case (let first?, let last?):
            guard first <= last, last < Int.max else { return nil }
            self = .offsets(first..<last + 1)
        case (let first?, nil):
            guard parts[1].isEmpty else { return nil }
            self = .from(first)
        case (nil, let byteCount?):
            guard parts[0].isEmpty, byteCount > 0 else { return nil }
            self = .last(byteCount)
        case (nil, nil):
            return nil
        }
    }

    /// Digits only: `Int` would take a sign.
    private static func number(_ text: Substring) -> Int? {
        text.utf8.allSatisfy { (0x30...0x39).contains($0) } ? Int(text) : nil
    }
}
