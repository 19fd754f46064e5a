public import TestSupport

/// How much, from which seed, and where.
public struct TorturePlan: Sendable {
    /// How many of what the torture counts, at least.
    public var count: Int
    /// What every choice follows from: the same seed does the same.
    public var seed: UInt64
    /// An empty directory, which goes when the torture has ended.
    public var directoryPath: String
    /// Is told now and then how far it is. Called from any thread.
    public var progress: @Sendable (_ done: Int) -> Void

    /// A plan.
    public init(
        count: Int, seed: UInt64 = 1, directoryPath: String,
        progress: @escaping @Sendable (_ done: Int) -> Void = { _ in }
    ) {
        self.count = count
        self.seed = seed
        self.directoryPath = directoryPath
        self.progress = progress
    }

    /// What starts a process of this torture's own: its arguments follow `child NAME`.
    public func child(environment: [String: String] = [:]) -> CommandRunner {
        CommandRunner(
            besideTests: "Torture", environment: environment, workingDirectory: directoryPath)
    }
}
