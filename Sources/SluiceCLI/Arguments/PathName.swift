internal import Sluice

/// Paths of files as names of objects, and names that can be paths of files.
enum PathName {
    /// The last part of a path, as `c` of `/b/c/`; empty for `/`, `.` and `..`, whose contents stand
    /// for themselves.
    static func last(of path: String) -> String {
        let name = parts(of: path).last { !$0.isEmpty } ?? ""
        return name == "." || name == ".." ? "" : name
    }

    /// The name of a new object: one that `get -r` can make a file of.
    static func object(_ text: String) throws(StoreError) -> ObjectName {
        let name = try ObjectName(text)
        try requirePlain(text, text)
        return name
    }

    /// The path that new objects go below, without slashes at its end; one that `get -r` can make a
    /// directory of.
    static func directory(_ text: String) throws(StoreError) -> String {
        var bytes = Array(text.utf8)
        while bytes.last == UInt8(ascii: "/"), bytes.count > 1 { bytes.removeLast() }
        let path = String(decoding: bytes, as: UTF8.self)
        try requirePlain(path, text)
        return path
    }

    /// As bytes: to a string, a slash and an accent that follows it are another character.
    private static func parts(of path: String) -> [String] {
        path.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false).map {
            String(decoding: $0, as: UTF8.self)
        }
    }

    private static func requirePlain(_ path: String, _ given: String) throws(StoreError) {
        let parts = parts(of: path)
        guard parts.contains(where: { $0.isEmpty || $0 == "." || $0 == ".." }) else { return }
        let plain = parts.filter { !$0.isEmpty && $0 != "." }
        let remedy =
            plain.isEmpty || plain.contains("..")
            ? "leave out what leads elsewhere" : "write it as '\(plain.joined(separator: "/"))'"
        throw StoreError(
            .invalidName,
            "'\(given)' could not be got back as a tree, for it has a part that is empty, '.' or '..'",
            about: .object(given), remedies: [.other(remedy)])
    }
}
