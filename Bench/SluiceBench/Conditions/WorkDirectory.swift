internal import SluiceNative

/// The directory that a run works in: `corpus/` stays for the next run, `run-PID/` goes.
struct WorkDirectory {
    /// Its path.
    let path: String
    /// Where generated data is kept.
    var corpus: String { "\(path)/corpus" }
    /// What belongs to this run.
    let scratch: String

    /// Makes the directory, and removes what runs that were killed have left in it.
    ///
    /// Without a path it is `sluice-bench-UID` in `$TMPDIR` or `/tmp`.
    init(_ given: String?, neededByteCount: Int) throws {
        let temporary =
            try Environment.variable("TMPDIR").flatMap { $0.isEmpty ? nil : $0 } ?? "/tmp"
        guard given?.isEmpty != true else { throw BenchError.emptyPath("--directory") }
        let path = given ?? "\(temporary)/sluice-bench-\(Environment.userID)"
        try FileSystem.makeDirectories(path)
        let real = try FileSystem.realPath(path)
        guard try FileSystem.status(path, followLinks: given != nil).kind == .directory,
            try FileSystem.status(real).ownerID == Environment.userID
        else { throw BenchError.notOwned(path: path) }
        self.path = real
        try Self.removeLeftovers(in: real)
        guard try FileSystem.kind(real).freeByteCount >= neededByteCount else {
            throw BenchError.notEnoughSpace(path: real, neededByteCount: neededByteCount)
        }
        scratch = "\(real)/run-\(Environment.processID)"
        try FileSystem.makeDirectories(scratch)
    }

    /// Removes what belongs to this run.
    func clean() throws {
        try Scratch.remove(scratch)
    }

    private static func removeLeftovers(in path: String) throws {
        for name in try Directory.open(path).names() {
            guard let name = name.string, name.hasPrefix("run-"),
                let processID = Int32(name.dropFirst(4)),
                try !FileSystem.exists("/proc/\(processID)")
            else { continue }
            try FileSystem.remove(tree: "\(path)/\(name)")
        }
    }
}
