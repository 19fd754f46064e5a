internal import ArgumentParser

/// A command that takes the global options; what is advised when it fails repeats them.
protocol GlobalCommand: ParsableCommand {
    /// What every command takes.
    var global: GlobalOptions { get }
}
