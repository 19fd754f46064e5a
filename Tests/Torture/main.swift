internal import Foundation

do {
    var command = TortureCommand(Array(CommandLine.arguments.dropFirst()))
    try command.run()
} catch TortureCommand.ExitCode.failed {
    exit(1)
}
