internal import Foundation

/// What a test does to a file in ways that Sluice itself never does.
public enum FileChange {
    /// Gives a file permissions.
    public static func setMode(_ mode: UInt32, of path: String) {
        require("setting the mode of \(path)") {
            try FileManager.default.setAttributes(
                [.posixPermissions: NSNumber(value: mode)], ofItemAtPath: path)
        }
    }

    /// Gives a file to another user.
    public static func setOwner(_ id: UInt32, of path: String) {
        run("chown", String(id), path)
    }

    /// Makes a named pipe.
    public static func makePipe(_ path: String) { run("mkfifo", "-m", "600", path) }

    /// Makes a symbolic link.
    public static func makeLink(_ path: String, to target: String) {
        require("linking \(path)") {
            try FileManager.default.createSymbolicLink(
                atPath: path, withDestinationPath: target)
        }
    }

    /// Gives a file another name.
    public static func move(_ path: String, to other: String) { run("mv", "-T", path, other) }

    /// Removes a name, of a file or an empty directory.
    public static func remove(_ path: String) { run("rm", "-d", path) }

    /// Whether the tests run as root.
    public static var isRoot: Bool { geteuid() == 0 }

    private static func run(_ program: String, _ arguments: String...) {
        require("\(program) \(arguments)") {
            let process = try Process.run(
                URL(fileURLWithPath: "/usr/bin/\(program)"), arguments: arguments)
            process.waitUntilExit()
            precondition(process.terminationStatus == 0, "\(program) \(arguments) failed")
        }
    }

    private static func require(_ what: String, _ body: () throws -> Void) {
        do { try body() } catch { preconditionFailure("\(what) failed: \(error)") }
    }
}
