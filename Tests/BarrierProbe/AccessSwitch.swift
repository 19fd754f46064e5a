internal import SluiceAccess
internal import SluiceVault
internal import TestSupport

/// What a run takes away from its readers, and gives back.
protocol AccessSwitch: AnyObject {
    /// The command of this program that its readers are: `COMMAND DIRECTORY THREADS [FAULT]`.
    var readerCommand: String { get }

    /// How the names of the logs end whose releases need what is taken away just now.
    var concernedLogs: [String] { get }

    /// Takes access away, the `index`th time.
    func revoke(_ index: Int, waiting deadline: Deadline) throws -> BarrierConfirmation

    /// Gives back all that was taken away.
    func restore() throws

    /// Waits again for the readers.
    func confirm(waiting deadline: Deadline) throws -> BarrierConfirmation

    /// Has another process begin a revocation, and die in it, or near it.
    func killRevoker(_ runner: CommandRunner) throws
}
