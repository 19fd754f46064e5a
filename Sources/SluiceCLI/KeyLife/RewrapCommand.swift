internal import ArgumentParser
internal import Sluice

/// `sluice rewrap`.
struct RewrapCommand: GlobalCommand {
    static let configuration = CommandConfiguration(
        commandName: "rewrap", _superCommandName: SluiceCommand.name,
        abstract: "Bring objects under the key version in use, without sealing them anew.",
        usage: """
            sluice rewrap [--from <version>] [--prefix <path>] [--rate <n>]
                   [--limit <n>] [--scope <name>] [<options>]
            """,
        discussion: """
            Only the objects' wrapped keys change. It runs beside readers and writers, may be \
            interrupted anywhere, and goes on where it ended when it is run again. Once nothing \
            needs a version any more, that version may be disabled.

            EXAMPLES:
              sluice rewrap --scope private
              sluice rewrap --rate 200         at most 200 wrapped keys a second
              sluice rewrap --prefix 2025/     what objects below 2025/ need
            """)

    @Option(
        name: .customLong("from"),
        help: ArgumentHelp("Only what is under this version of the key.", valueName: "version"),
        transform: Self.version)
    var fromVersion: String?

    @Option(help: ArgumentHelp("Only what objects with these names need.", valueName: "path"))
    var prefix: String = ""

    @Option(help: ArgumentHelp("Wrapped keys a second, at most.", valueName: "n"))
    var rate: Double?

    @Option(help: ArgumentHelp("Wrapped keys in all, at most.", valueName: "n"))
    var limit: Int?

    @OptionGroup var global: GlobalOptions

    func validate() throws {
        if let rate, !(rate > 0 && rate.isFinite) {
            throw ValidationError("--rate takes a number above 0")
        }
        if let limit, limit < 0 { throw ValidationError("--limit takes 0 or more") }
    }

    func run() throws {
        var options = RewrapOptions()
        options.fromVersion = fromVersion
        options.prefix = prefix
        options.keysPerSecond = rate
        if let limit { options.limit = limit }
        let sweep = options
        let failures = FailureReport(global)
        let report = try global.session.write { store, _ in
            try global.withProgress("rewrap", unit: .objects) { line in
                try store.rewrap(sweep, in: global.scopeName, progress: line?.objectHandler)
            }
        }
        failures.record(report.failures)
        try global.output.print(Document(report), text: Self.text(report))
        try failures.finish()
    }
}

extension RewrapCommand {
    private struct Document: Encodable {
        let keyCount: Int
        let objectCount: Int
        let byteCount: Int
        let failureCount: Int
        let remainingObjectCount: Int

        init(_ report: RewrapReport) {
            keyCount = report.keyCount
            objectCount = report.objectCount
            byteCount = report.byteCount
            failureCount = report.failures.count
            remainingObjectCount = report.remainingObjectCount
        }
    }

    private static func text(_ report: RewrapReport) -> String {
        let objects = Quantity.count(report.objectCount, "object")
        let keys = Quantity.count(report.keyCount, "wrapped key")
        let remaining =
            report.remainingObjectCount == 0
            ? "none needs an older version now"
            : "\(Quantity.count(report.remainingObjectCount, "object")) under older versions left"
        return
            "rewrapped \(objects), \(Quantity.bytes(report.byteCount)), by \(keys); \(remaining)\n"
    }

    /// A version, given by itself or as the end of a key's identifier.
    private static func version(_ text: String) throws -> String {
        let version = text.contains("/") ? try KeyIdentifier(parsing: text).version : text
        guard let version, version.utf8.count == 32, version.allSatisfy(\.isHexDigit) else {
            throw ValidationError("a version has 32 hexadecimal digits: `sluice status` shows them")
        }
        return version.lowercased()
    }
}
