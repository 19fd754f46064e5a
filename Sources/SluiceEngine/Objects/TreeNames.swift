/// What putting, getting and removing trees have in common.
enum TreeNames {
    /// Names of a transaction when many are put or removed together.
    static let namesPerCommit = 64

    /// The prefix that a directory's names have: a `/` is added where it is missing.
    static func directoryPrefix(_ prefix: String) -> String {
        prefix.isEmpty || prefix.utf8.last == UInt8(ascii: "/") ? prefix : prefix + "/"
    }
}
