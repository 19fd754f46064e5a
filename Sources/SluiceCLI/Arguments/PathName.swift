/// Paths of files as names of objects.
enum PathName {
    /// The last part of a path, as `c` of `/b/c/`; empty for `/`, `.` and `..`, whose contents stand
    /// for themselves.
    static func last(of path: String) -> String {
        let name = path.split(separator: "/").last ?? ""
        return name == "." || name == ".." ? "" : String(name)
    }
}
