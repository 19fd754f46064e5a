internal import ArgumentParser
internal import Sluice

/// When a key version wraps.
struct KeyTimeOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "From when on it wraps nothing more, as 2027-01-31T12:00:00Z; '' for never.",
            valueName: "time"))
    var expires: TimeArgument?

    @Option(
        help: ArgumentHelp("Until when it wraps nothing yet; '' for at once.", valueName: "time"))
    var notBefore: TimeArgument?

    func validate() throws {
        _ = try (notBeforeSeconds, expiresSeconds)
    }

    /// Since 1970; nil if it isn't given, or empty.
    var notBeforeSeconds: Int? {
        get throws { try notBefore?.moment(of: "--not-before") ?? nil }
    }

    /// Since 1970; nil if it isn't given, or empty.
    var expiresSeconds: Int? {
        get throws { try expires?.moment(of: "--expires") ?? nil }
    }

    /// The limits that are given, and empty.
    var removed: Set<KeyChanges.Limit> {
        var removed: Set<KeyChanges.Limit> = []
        if notBefore?.isEmpty == true { removed.insert(.notBefore) }
        if expires?.isEmpty == true { removed.insert(.expiry) }
        return removed
    }
}
