internal import CLinux
internal import Glibc

/// Another program in the place of this one.
public enum ProcessImage {
    /// Has the process run the program at `path`, which isn't looked for on the PATH: with the standard streams and the
    /// working directory as they are. Returns only by throwing.
    ///
    /// - Parameter variables: What goes before this process's variables, each `NAME=VALUE`.
    public static func replace(
        with path: String, _ arguments: [String], variables: [String] = []
    ) throws(SystemError) -> Never {
        let program = try cString(path)
        var words = unsafe CStrings()
        for argument in [path] + arguments { unsafe words.append(try cString(argument)) }
        // The first of a name counts.
        var all = unsafe CStrings()
        for variable in variables { unsafe all.append(try cString(variable)) }
        if var next = unsafe sluice_environment() {
            while let variable = unsafe next.pointee {
                unsafe all.append(copying: variable)
                unsafe next += 1
            }
        }
        _ = try systemCall("execve", path: path) {
            unsafe execve(program, words.pointers, all.pointers)
        }
        preconditionFailure("execve returned")
    }

    /// Where the program that this process runs is.
    public static func path() throws(SystemError) -> String {
        try FileSystem.realPath("/proc/self/exe")
    }
}

/// Texts as execve(2) takes them: pointers, the last one null.
@unsafe struct CStrings: ~Copyable {
    private(set) var pointers: [UnsafeMutablePointer<CChar>?] = unsafe [nil]

    deinit {
        unsafe pointers.forEach { pointer in unsafe free(pointer) }
    }

    mutating func append(_ text: [CChar]) {
        unsafe pointers.insert(strdup(text), at: pointers.count - 1)
    }

    mutating func append(copying text: UnsafePointer<CChar>) {
        unsafe pointers.insert(strdup(text), at: pointers.count - 1)
    }
}
