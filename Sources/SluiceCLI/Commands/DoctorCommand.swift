internal import ArgumentParser
internal import Sluice
internal import SluiceNative

/// `sluice doctor`.
struct DoctorCommand: GlobalCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor", _superCommandName: SluiceCommand.name,
        abstract: "Show what this machine gives: libraries, processor, file systems, limits.",
        usage: "sluice doctor [<options>]",
        discussion: """
            Needs no store and makes none; one that is there is opened. Ends with what would \
            bite, if anything would; exits with 69 if --require-fips can't be had.
            """)

    @OptionGroup var global: GlobalOptions

    func run() throws {
        let report = try DoctorReport(global)
        try global.output.print(report, text: report.text)
    }
}
