internal import SluiceFormat

/// Tells of what a tree has whether the store has it as the other: a file where the tree has a directory, or a
/// directory where it has a file. Both together could not be got back. For one thread.
struct TreeObstacles {
    private let finder: ObjectFinder
    private let prefixByteCount: Int
    /// The directory that was looked at last: the next name is most likely in the same.
    private var last: (path: [UInt8], isBelowObject: Bool)?

    init(_ finder: ObjectFinder, prefix: String) {
        self.finder = finder
        prefixByteCount = prefix.utf8.count
    }

    /// Whether something on the way to a name, below the prefix, is an object. The name of a directory ends with `/`.
    mutating func isBelowObject(_ name: ObjectName, in scope: Scope) throws(StoreError) -> Bool {
        let path = Array(Scope.directory(of: name.utf8))
        if let last, last.path == path { return last.isBelowObject }
        var found = false
        for index in path.indices.dropFirst(prefixByteCount) where path[index] == Self.slash {
            found = try finder.row(Array(path[..<index]), in: scope) != nil
            if found { break }
        }
        last = (path, found)
        return found
    }

    /// Whether a file's name is that of a directory; of a directory's, whether it is that of an object.
    func hasOther(_ name: ObjectName, in scope: Scope) throws(StoreError) -> Bool {
        let bytes = name.utf8
        guard bytes.last != Self.slash else {
            guard bytes.count > prefixByteCount else { return false }
            return try finder.row(Array(bytes.dropLast()), in: scope) != nil
        }
        let tag = try scope.tag(ofDirectory: (bytes + [Self.slash])[...])
        return try finder.catalog.directory(scope: scope.record.rowID, tag: tag) != nil
    }

    private static let slash = UInt8(ascii: "/")
}
