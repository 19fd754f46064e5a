internal import ArgumentParser
internal import Sluice
internal import SluiceNative

/// The program that has the service, beside this one: a command of it takes the place of this process.
enum ServerProgram {
    private static let name = "sluice-server"
    /// Options that may stand before the command's name, and the variables that say the same.
    private static let variables = ["--home": "SLUICE_HOME", "--root-key": "SLUICE_ROOT_KEY"]

    /// Becomes the program, with what this process was given from the command's name on.
    static func become(_ command: String) throws(Failure) -> Never {
        let (before, behind) = try split(Array(CommandLine.arguments.dropFirst()), at: command)
        do throws(SystemError) {
            let own = try ProcessImage.path().split(separator: "/").dropLast()
            try ProcessImage.replace(
                with: "/" + (own + [name[...]]).joined(separator: "/"), [command] + behind,
                variables: before + ["SLUICE_VERSION=\(SluiceCommand.configuration.version)"])
        } catch {
            throw Failure(
                code: "notFound",
                reason:
                    "the program '\(error.path ?? name)', which has the service, can't be started: \(error.reason)",
                remedies: [.other("build it with `scripts/quickstart`")], exitCode: 69)
        }
    }

    /// Variables for what stands before the command's name, and what stands behind it.
    static func split(
        _ arguments: [String], at command: String
    ) throws(Failure) -> (before: [String], behind: [String]) {
        var before: [String] = []
        var rest = arguments[...]
        while let argument = rest.popFirst(), argument != command {
            let parts = argument.split(separator: "=", maxSplits: 1).map(String.init)
            guard let variable = parts.first.flatMap({ variables[$0] }),
                let value = parts.count > 1 ? parts[1] : rest.popFirst()
            else {
                throw Failure(
                    code: "usage", reason: "`sluice \(command)` doesn't take '\(argument)'",
                    remedies: [.other("`sluice \(command) --help` tells what it takes")],
                    exitCode: ExitCode.validationFailure.rawValue)
            }
            before.append("\(variable)=\(value)")
        }
        return (before, Array(rest))
    }
}
