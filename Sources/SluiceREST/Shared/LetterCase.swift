extension String {
    /// Whether two texts are the same but for the case of ASCII letters.
    public func equalsIgnoringCase(_ other: String) -> Bool {
        utf8.count == other.utf8.count
            && zip(utf8, other.utf8).allSatisfy {
                $0 == $1 || $0.lowercasedASCII == $1.lowercasedASCII
            }
    }
}

extension UInt8 {
    /// The byte, a capital letter of ASCII made small.
    var lowercasedASCII: UInt8 { (0x41...0x5A).contains(self) ? self | 0x20 : self }
}
