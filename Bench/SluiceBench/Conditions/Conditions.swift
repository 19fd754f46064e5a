internal import BenchKit
internal import SluiceNative

/// What the cells are measured under.
struct Conditions: Sendable {
    /// Sizes and counts.
    let profile: Profile
    /// What data and orders are drawn from.
    var seed: UInt64
    /// The files that are put.
    let corpus: CorpusCache
    /// The directory in which everything happens, that of other processes of this run too.
    let directory: String
    /// A directory that is this run's alone and is removed at its end.
    let scratch: String
    /// The `sluice` command, for cells that measure processes.
    let sluice: Subprocess
    /// Whether to come to an end.
    let interruption: Interruption

    /// A path in the scratch directory, of which nothing may remain when its cell is done.
    func path(_ name: String) -> String { "\(scratch)/\(name)" }

    /// Throws if there is no `sluice` command.
    func requireSluice() throws {
        guard try FileSystem.exists(sluice.path) else {
            throw BenchError.noSluice(path: sluice.path)
        }
    }
}

/// Removes files that measurements left.
enum Scratch {
    /// Removes a file or a tree, if it is there.
    static func remove(_ path: String) throws {
        if try FileSystem.exists(path) { try FileSystem.remove(tree: path) }
    }
}
