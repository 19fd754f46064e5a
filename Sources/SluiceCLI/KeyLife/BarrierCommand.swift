internal import ArgumentParser
internal import Sluice
internal import SluiceNative

/// `sluice barrier`.
struct BarrierCommand: GlobalCommand {
    static let configuration = CommandConfiguration(
        commandName: "barrier", _superCommandName: SluiceCommand.name,
        abstract: "Wait until every process has confirmed the changes of access there were.",
        usage: """
            sluice barrier [--wait <seconds>] [<options>]
            sluice barrier --adopt [<options>]
            """,
        discussion: """
            For after a revocation that came back unconfirmed. Exits with 75 and the ids of the \
            processes that have not confirmed, as stopped ones. Needs the vaults and no store.

            Vaults that were copied or restored whole (cp -a, tar, a container's image) have a copy \
            of the barrier, and are refused until --adopt takes it over: readers of the original \
            would not notice what is revoked here. Run it once, when every process has ended that \
            used the vaults in this place before; it takes 2 s. A copy that lives beside its original \
            is vaults of its own: what is revoked in the one is not in the other.
            """)

    @Flag(help: "Take over the barrier of vaults that were copied or restored whole.")
    var adopt = false

    @OptionGroup var confirmation: ConfirmationOptions
    @OptionGroup var global: GlobalOptions

    func run() throws {
        let vaults = try global.location().vaults
        guard try FileSystem.exists(vaults) else {
            throw Failure(
                .notFound, "there are no vaults in '\(vaults)'", about: .file(vaults),
                remedies: [.other("--home or --vaults says where they are")])
        }
        if adopt {
            let isAdopted = try ReadBarrier.adopt(directoryPath: vaults)
            try global.output.print(
                AdoptionDocument(isAdopted: isAdopted),
                text: isAdopted
                    ? "adopted: these vaults can be used\n" : "there was nothing to adopt\n")
            return
        }
        let result = try global.withVaultDirectory { vaults in
            try vaults.barrier().confirm(waiting: confirmation.deadline)
        }
        try global.output.print(
            Document(result),
            text: result.isConfirmed ? "confirmed: every reader knows of all changes\n" : "")
        try confirmation.check(result)
    }
}

extension BarrierCommand {
    private struct AdoptionDocument: Encodable {
        let isAdopted: Bool
    }

    private struct Document: Encodable {
        let epoch: UInt64
        let isConfirmed: Bool
        let unconfirmedProcessIDs: [Int32]
        let unconfirmedElsewhere: [Int32]
        let waitNanoseconds: Int

        init(_ confirmation: BarrierConfirmation) {
            epoch = confirmation.epoch
            isConfirmed = confirmation.isConfirmed
            unconfirmedProcessIDs = confirmation.unconfirmedProcessIDs
            unconfirmedElsewhere = confirmation.unconfirmedElsewhere
            waitNanoseconds = confirmation.waitNanoseconds
        }
    }
}
