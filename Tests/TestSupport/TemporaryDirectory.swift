internal import Foundation

/// A directory that goes when the value does.
public final class TemporaryDirectory: Sendable {
    /// Its path.
    public let path: String

    /// Makes a directory with a name of its own.
    ///
    /// - Parameter isForOthers: Whether other users are to get to it: then it is in `/tmp`, if the place for temporary
    ///   files is below a directory that keeps them out.
    public init(isForOthers: Bool = false) throws {
        var parent = FileManager.default.temporaryDirectory.standardizedFileURL
        if isForOthers, try !Self.isReachable(parent) { parent = URL(fileURLWithPath: "/tmp") }
        path = parent.appendingPathComponent("sluice-test-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(
            atPath: path, withIntermediateDirectories: true,
            attributes: isForOthers ? [.posixPermissions: 0o755] : nil)
    }

    /// Whether others may go through every directory down to this one.
    private static func isReachable(_ directory: URL) throws -> Bool {
        var place = directory
        while place.path != "/" {
            let attributes = try FileManager.default.attributesOfItem(atPath: place.path)
            guard let mode = attributes[.posixPermissions] as? Int, mode & 0o1 != 0 else {
                return false
            }
            place.deleteLastPathComponent()
        }
        return true
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
    }

    /// The path of something in it.
    public func path(_ name: String) -> String { "\(path)/\(name)" }

    /// Writes a file in it, and the directories above; returns the file's path.
    @discardableResult
    public func write(_ bytes: [UInt8], to name: String) throws -> String {
        let url = URL(fileURLWithPath: path(name))
        try FileManager.default.createDirectory(
            at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(bytes).write(to: url)
        return url.path
    }

    /// The bytes of a file in it.
    public func read(_ name: String) throws -> [UInt8] {
        [UInt8](try Data(contentsOf: URL(fileURLWithPath: path(name))))
    }

    /// Whether it has something of this name, be it a symbolic link that leads nowhere.
    public func exists(_ name: String) -> Bool {
        (try? FileManager.default.attributesOfItem(atPath: path(name))) != nil
    }

    /// The paths of all files below one of its directories, relative to that, in order.
    public func files(below name: String = "") -> [String] {
        let root = name.isEmpty ? path : path(name)
        let names = FileManager.default.enumerator(atPath: root)?.compactMap { $0 as? String } ?? []
        return names.filter { name in
            let attributes = try? FileManager.default.attributesOfItem(atPath: "\(root)/\(name)")
            return attributes?[.type] as? FileAttributeType != .typeDirectory
        }.sorted()
    }

    /// Makes a symbolic link in it.
    public func link(_ name: String, to target: String) throws {
        try FileManager.default.createSymbolicLink(
            atPath: path(name), withDestinationPath: target)
    }
}
