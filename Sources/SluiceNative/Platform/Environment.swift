internal import CLinux
internal import Glibc

/// What the process was started with; for several threads at once.
public enum Environment {
    /// The value of a variable; nil if it isn't set, and empty if it is set to nothing.
    ///
    /// Throws `EILSEQ` if it isn't UTF-8: repaired, it would name another file.
    public static func variable(_ name: String) throws(SystemError) -> String? {
        guard let value = unsafe getenv(name) else { return nil }
        guard let text = unsafe String(validatingCString: value) else {
            throw SystemError(call: "getenv", path: "$\(name)", number: EILSEQ)
        }
        return text
    }

    /// All variables, each `NAME=VALUE`; what isn't UTF-8 is left out.
    public static func variables() -> [String] {
        var variables: [String] = []
        guard var next = unsafe sluice_environment() else { return [] }
        while let variable = unsafe next.pointee {
            if let text = unsafe String(validatingCString: variable) { variables.append(text) }
            unsafe next += 1
        }
        return variables
    }

    /// Whether the process's arguments are UTF-8: Swift repairs those that aren't, and what they name would
    /// be something else. True where the system doesn't tell.
    public static func argumentsAreUTF8() -> Bool {
        let replacement: Unicode.Scalar = "\u{FFFD}"
        let mayBeRepaired = CommandLine.arguments.contains {
            $0.unicodeScalars.contains(replacement)
        }
        guard mayBeRepaired else { return true }
        // More than Linux takes for the arguments of a process, unless its stack limit was raised.
        var bytes = [UInt8](repeating: 0, count: 4 << 20)
        do throws(SystemError) {
            var span = bytes.mutableSpan
            let byteCount = try File.open("/proc/self/cmdline", .read).read(into: &span)
            return String(validating: bytes.prefix(byteCount), as: UTF8.self) != nil
        } catch {
            return true
        }
    }

    /// The first program of that name on the PATH that this process may start, or `name` itself if it
    /// is a path; nil if there is none.
    public static func program(named name: String) throws(SystemError) -> String? {
        if name.utf8.contains(UInt8(ascii: "/")) { return name }
        for directory in try (variable("PATH") ?? "/usr/bin:/bin").split(separator: ":") {
            let path = "\(directory)/\(name)"
            guard (try? FileSystem.status(path).kind) == .regular else { continue }
            if unsafe access(try cString(path), X_OK) == 0 { return path }
        }
        return nil
    }

    /// The user's home directory: `$HOME`, or else what the system's user database says.
    ///
    /// Throws `EILSEQ` if it isn't UTF-8.
    public static func home() throws(SystemError) -> String? {
        if let home = try variable("HOME"), !home.isEmpty { return home }
        var record = unsafe passwd()
        var text = [CChar](repeating: 0, count: 16_384)
        var found: UnsafeMutablePointer<passwd>?
        let result = unsafe getpwuid_r(getuid(), &record, &text, text.count, &found)
        guard result == 0, unsafe found != nil, let home = unsafe record.pw_dir else { return nil }
        guard let text = unsafe String(validatingCString: home) else {
            throw SystemError(call: "getpwuid", path: "the home directory", number: EILSEQ)
        }
        return text
    }

    /// The user whose rights the process has.
    public static var userID: UInt32 { geteuid() }

    /// The process's number.
    public static var processID: Int32 { getpid() }

    /// Which namespace that number is of (a container has one of its own); 0 where that can't be told.
    public static var processNamespace: UInt32 {
        let status = try? FileSystem.status("/proc/self/ns/pid")
        return UInt32(truncatingIfNeeded: status?.inode ?? 0)
    }
}
