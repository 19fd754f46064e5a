internal import ArgumentParser

/// The root of the commands.
struct SluiceBench: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sluice-bench",
        abstract: "Measure Sluice beside what bounds it.",
        discussion: """
            Each cell alternates two sides, Sluice and a ceiling or a peer, in one run, because a \
            figure alone means nothing on a machine whose speed wanders. Rates are compared: a \
            ratio of 1.33 in rate is 0.75 in time.
            """,
        subcommands: [
            ListCommand.self, RunCommand.self, ABCommand.self, GateCommand.self, PeersCommand.self,
            SelftestCommand.self, WorkerCommand.self, CountCommand.self,
        ])
}
