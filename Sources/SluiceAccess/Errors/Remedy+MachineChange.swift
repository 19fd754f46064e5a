extension Remedy {
    /// A change of the machine, its files, or the process.
    public enum MachineChange: Hashable, Sendable {
        /// Space is freed on the disk.
        case freeSpace
        /// A limit of the process is raised.
        case raise(ProcessLimit)
        /// The program runs as the user who owns the files.
        case runAsFileOwner
        /// A file is kept from all others than its owner.
        case makePrivate(String)
        /// Others than its owner can't write to a file or directory.
        case denyOthersWriting(String)
        /// Every process that uses the store or the vaults ends, and starts again.
        case restartProcesses
        /// Every process that uses the vaults ends, and these files are removed.
        case removeBarrier([String])
        /// The clock is set right.
        case setClock
        /// OpenSSL's FIPS module is installed.
        case installFIPSModule
    }

    /// A limit that the system sets to a process.
    public enum ProcessLimit: String, CaseIterable, Hashable, Sendable {
        /// Open files.
        case openFiles
        /// Processes and threads.
        case processes
        /// Memory.
        case memory
        /// The size of a file.
        case fileSize
    }
}

extension Remedy.MachineChange: CustomStringConvertible {
    /// The name of its kind, as in `freeSpace`.
    public var code: String {
        switch self {
        case .freeSpace: "freeSpace"
        case .raise: "raiseLimit"
        case .runAsFileOwner: "runAsFileOwner"
        case .makePrivate: "makePrivate"
        case .denyOthersWriting: "denyOthersWriting"
        case .restartProcesses: "restartProcesses"
        case .removeBarrier: "removeBarrier"
        case .setClock: "setClock"
        case .installFIPSModule: "installFIPSModule"
        }
    }

    /// What it takes, by name.
    public var parameters: [String: String] {
        switch self {
        case .raise(let limit): ["limit": limit.rawValue]
        case .makePrivate(let path), .denyOthersWriting(let path): ["path": path]
        case .removeBarrier(let paths):
            Dictionary(uniqueKeysWithValues: zip(["barrier", "note"], paths))
        case .freeSpace, .runAsFileOwner, .restartProcesses, .setClock, .installFIPSModule: [:]
        }
    }

    /// What to change, in plain words.
    public var description: String {
        switch self {
        case .freeSpace: "free space there, and try again"
        case .raise(let limit): "raise the limit of \(limit.name), and try again"
        case .runAsFileOwner: "run it as the user who owns the files"
        case .makePrivate(let path): "let nobody but its owner read or write '\(path)'"
        case .denyOthersWriting(let path):
            "let nobody but its owner write to '\(path)', after a look at who has"
        case .restartProcesses:
            "end every process that uses it, see that all its files are in place, and start again"
        case .removeBarrier(let paths):
            "end every process that uses these vaults, remove "
                + paths.map { "'\($0)'" }.joined(separator: " and ") + ", and try again"
        case .setClock: "set the clock right"
        case .installFIPSModule: "install and configure OpenSSL's FIPS module"
        }
    }
}

extension Remedy.ProcessLimit {
    fileprivate var name: String {
        switch self {
        case .openFiles: "open files"
        case .processes: "processes, or of memory"
        case .memory: "memory"
        case .fileSize: "a file's size"
        }
    }
}
