internal import ArgumentParser

/// When a key version wraps.
struct KeyTimeOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "From when on it wraps nothing more, as 2027-01-31T12:00:00Z.", valueName: "time"))
    var expires: TimeArgument?

    @Option(help: ArgumentHelp("Until when it wraps nothing yet.", valueName: "time"))
    var notBefore: TimeArgument?
}
