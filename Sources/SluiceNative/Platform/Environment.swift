internal import Glibc

/// What the process was started with; for several threads at once.
public enum Environment {
    /// The value of a variable; nil if it isn't set, and empty if it is set to nothing.
    ///
    /// A value that isn't UTF-8 is repaired, as command-line arguments are.
    public static func variable(_ name: String) -> String? {
        guard let value = unsafe getenv(name) else { return nil }
        return unsafe String(cString: value)
    }

    /// The user's home directory: `$HOME`, or else what the system's user database says.
    public static var home: String? {
        if let home = variable("HOME"), !home.isEmpty { return home }
        var record = unsafe passwd()
        var text = [CChar](repeating: 0, count: 16_384)
        var found: UnsafeMutablePointer<passwd>?
        let result = unsafe getpwuid_r(getuid(), &record, &text, text.count, &found)
        guard result == 0, unsafe found != nil, let home = unsafe record.pw_dir else { return nil }
        return unsafe String(cString: home)
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
