/// The rules for names of containers and blobs.
public enum BlobNames {
    /// Containers with names that no other may have: blobs without container, a static site's, and logs.
    public static let specialContainers: Set<String> = ["$root", "$web", "$logs"]
    /// UTF-16 units in a blob's name.
    public static let longestBlobName = 1024
    /// Parts between slashes in a blob's name.
    public static let mostSegments = 254

    /// Throws `OutOfRangeInput` for a name of the wrong length, and `InvalidResourceName` for one with other characters
    /// than small letters, digits and single hyphens between them.
    public static func checkContainer(_ name: String) throws(BlobRefusal) {
        guard !specialContainers.contains(name) else { return }
        guard (3...63).contains(name.utf8.count) else {
            throw BlobRefusal(
                .outOfRangeInput,
                "A container's name has 3 to 63 characters, and '\(brief(name))' hasn't.")
        }
        var last = UInt8(ascii: "-")
        for byte in name.utf8 {
            let isWord = (0x61...0x7A).contains(byte) || (0x30...0x39).contains(byte)
            guard isWord || (byte == UInt8(ascii: "-") && last != byte) else {
                throw invalidContainer(name)
            }
            last = byte
        }
        guard last != UInt8(ascii: "-") else { throw invalidContainer(name) }
    }

    /// Throws `OutOfRangeInput` for a name that is too long, or has too many parts.
    public static func checkBlob(_ name: String) throws(BlobRefusal) {
        guard !name.isEmpty, name.utf16.count <= longestBlobName else {
            throw BlobRefusal(
                .outOfRangeInput, "A blob's name has 1 to \(longestBlobName) characters.")
        }
        let slashes = name.utf8.count { $0 == UInt8(ascii: "/") }
        guard slashes < mostSegments else {
            throw BlobRefusal(
                .outOfRangeInput, "A blob's name has at most \(mostSegments) parts between slashes."
            )
        }
    }

    private static func invalidContainer(_ name: String) -> BlobRefusal {
        BlobRefusal(
            .invalidResourceName,
            """
            A container's name has small letters, digits and single hyphens between them, and \
            '\(brief(name))' has something else.
            """)
    }

    private static func brief(_ name: String) -> String { String(name.prefix(80)) }
}
