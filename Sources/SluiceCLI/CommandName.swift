internal import ArgumentParser
internal import Sluice

/// The names of commands, as they are written before their options.
enum CommandName {
    /// Throws if the arguments name a command that isn't there, and names those that come near.
    ///
    /// The parser would call the first option of it unknown, and print help that was asked about it as
    /// if that were another's.
    static func check(_ arguments: [String]) throws(Failure) {
        var words: [String] = []
        var command: any ParsableCommand.Type = SluiceCommand.self
        var rest = arguments[...]
        while let argument = rest.popFirst() {
            let children = command.configuration.subcommands
            guard !children.isEmpty else { return }
            if argument.hasPrefix("-") {
                // What comes after an option that isn't known may be its value.
                guard let takesValue = GlobalOptions.takesValue(argument) else { return }
                if takesValue { _ = rest.popFirst() }
                continue
            }
            if argument == "help", words.isEmpty { continue }
            words.append(argument)
            guard let child = children.first(where: { name(of: $0) == argument }) else {
                throw unknown(words, children.map(name))
            }
            command = child
        }
    }

    private static func name(of command: any ParsableCommand.Type) -> String {
        command.configuration.commandName ?? ""
    }

    private static func unknown(_ words: [String], _ siblings: [String]) -> Failure {
        let above = words.dropLast()
        let last = words.last ?? ""
        let near = siblings.filter { isNear($0, last) }.map {
            (above + [$0]).joined(separator: " ")
        }
        let elsewhere = paths(named: last, below: SluiceCommand.self, [])
        let found = near + elsewhere.filter { !near.contains($0) }
        let remedy =
            found.isEmpty
            ? "there are " + siblings.joined(separator: ", ")
            : found.map { "`sluice \($0)`" }.joined(separator: " or ") + " comes near"
        let help = (["sluice"] + above + ["--help"]).joined(separator: " ")
        return Failure(
            code: "usage",
            reason: "there is no command `sluice \(words.joined(separator: " "))`",
            remedies: [.other(remedy), .other("`\(help)` tells them all")],
            exitCode: ExitCode.validationFailure.rawValue)
    }

    /// Commands of this very name, wherever they are.
    private static func paths(
        named name: String, below command: any ParsableCommand.Type, _ words: [String]
    ) -> [String] {
        command.configuration.subcommands.flatMap { child in
            let path = words + [self.name(of: child)]
            let own = path.last == name ? [path.joined(separator: " ")] : []
            return own + paths(named: name, below: child, path)
        }
    }

    /// Whether one begins with the other, or a letter or two make it the other.
    static func isNear(_ name: String, _ given: String) -> Bool {
        guard !given.isEmpty else { return false }
        let distance = Self.distance(Array(name.utf8), Array(given.utf8))
        return distance <= max(1, given.utf8.count / 3)
            || (given.utf8.count > 1 && (name.hasPrefix(given) || given.hasPrefix(name)))
    }

    /// How many bytes must be put in, taken out, changed or swapped with the next to make one the other.
    private static func distance(_ a: [UInt8], _ b: [UInt8]) -> Int {
        var rows = [Array(0...b.count)]
        for i in a.indices {
            var row = [i + 1]
            for j in b.indices {
                var best = min(rows[i][j + 1], row[j]) + 1
                best = min(best, rows[i][j] + (a[i] == b[j] ? 0 : 1))
                if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] {
                    best = min(best, rows[i - 1][j - 1] + 1)
                }
                row.append(best)
            }
            rows.append(row)
        }
        return rows[a.count][b.count]
    }
}
