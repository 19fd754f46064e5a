internal import ArgumentParser
internal import Dispatch
internal import Sluice

/// `sluice keyvault log`.
struct KeyVaultLogCommand: GlobalCommand {
    static let configuration = CommandConfiguration(
        commandName: "log",
        abstract: "Print what was done with the keys of a vault, by whom.",
        usage: "sluice keyvault log [--name <vault>] [--follow] [<options>]",
        discussion: """
            A line an operation: time (UTC), identity, operation, outcome, key. With --json each \
            line is a document. The last 8 to 16 MiB are kept.

            EXAMPLE:
              sluice keyvault log --name default --follow
            """)

    @Option(
        name: [.customShort("n"), .long],
        help: ArgumentHelp("The vault.", valueName: "vault"))
    var name: String = VaultOption.defaultName

    @Flag(name: [.customShort("f"), .long], help: "Go on with what comes, until interrupted.")
    var follow = false

    @OptionGroup var actor: ActorOptions
    @OptionGroup var global: GlobalOptions

    func run() throws {
        _ = try Interruption()
        try global.withVaults(as: actor.identity) { vaults in
            var position: OperationLogPosition?
            var hasMore = false
            repeat {
                let page = try vaults.operations(
                    vault: name, after: position)
                position = page.position
                hasMore = page.hasMore
                try global.output.write(page.records.map(line).joined())
                // Nobody signals it: this is a sleep.
                if follow, !hasMore {
                    _ = DispatchSemaphore(value: 0).wait(timeout: .now() + Self.pauseSeconds)
                }
            } while follow || hasMore
        }
    }

    private func line(_ record: OperationRecord) -> String {
        guard !global.isJSON else { return JSONText.compact(record) + "\n" }
        let parts = [
            Timestamp(milliseconds: record.timeMilliseconds).description, record.identity,
            record.operation, record.outcome, record.key?.description ?? "-",
        ]
        return global.output.shown(parts.joined(separator: "  ")) + "\n"
    }

    private static let pauseSeconds = 0.1
}
