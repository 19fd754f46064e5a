internal import ArgumentParser

/// The text of a UUID, which an identity's object id is.
enum UUIDText {
    /// Takes 8, 4, 4, 4 and 12 hexadecimal digits; for the parser's `transform`, which shows the error's reason.
    static func parse(_ text: String) throws -> String {
        let groups = text.utf8.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
        let isUUID =
            groups.map(\.count) == [8, 4, 4, 4, 12]
            && groups.joined().allSatisfy { isHexadecimal($0) }
        guard isUUID else {
            throw ValidationError(
                "'\(text)' is no object id, which is a UUID, as 3f0c6a7e-2b1d-4c8e-9f5a-6d7b8c9e0a1f; "
                    + "`sluice identity show` says the store's")
        }
        return text
    }

    private static func isHexadecimal(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"),
            UInt8(ascii: "A")...UInt8(ascii: "F"):
            true
        default: false
        }
    }
}
