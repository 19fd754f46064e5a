internal import ArgumentParser
internal import Sluice
internal import SluiceNative

/// `sluice barrier`.
struct BarrierCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "barrier", _superCommandName: SluiceCommand.name,
        abstract: "Wait until every process has confirmed the changes of access there were.",
        usage: "sluice barrier [--wait <seconds>] [<options>]",
        discussion: """
            For after a revocation that came back unconfirmed. Exits with 75 and the ids of the \
            processes that have not confirmed, as stopped ones. Needs the vaults and no store.
            """)

    @OptionGroup var confirmation: ConfirmationOptions
    @OptionGroup var global: GlobalOptions

    func run() throws {
        let vaults = global.location.vaults
        guard try FileSystem.exists(vaults) else {
            throw Failure(.notFound, "there are no vaults at '\(vaults)': check --home or --vaults")
        }
        let result = try global.withVaults { vaults in
            try vaults.barrier().confirm(waiting: confirmation.deadline)
        }
        try global.output.print(
            Document(result),
            text: result.isConfirmed ? "confirmed: every reader knows of all changes\n" : "")
        try confirmation.check(result)
    }
}

extension BarrierCommand {
    private struct Document: Encodable {
        let epoch: UInt64
        let isConfirmed: Bool
        let unconfirmedProcessIDs: [Int32]
        let waitNanoseconds: Int

        init(_ confirmation: BarrierConfirmation) {
            epoch = confirmation.epoch
            isConfirmed = confirmation.isConfirmed
            unconfirmedProcessIDs = confirmation.unconfirmedProcessIDs
            waitNanoseconds = confirmation.waitNanoseconds
        }
    }
}
