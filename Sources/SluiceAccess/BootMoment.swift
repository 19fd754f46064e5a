/// A moment on two clocks: the wall's, which may be set, and the one that counts from the boot, which may not.
package struct BootMoment: Hashable, Sendable {
    /// Seconds since 1970, UTC, as the wall clock has them.
    package let wallSeconds: Int
    /// Seconds since the boot, those in which the machine slept among them.
    package let secondsSinceBoot: Int
    /// Which boot.
    package let boot: String

    /// Describes a moment; nil if there is none like that, as in a vault that was changed.
    package init?(wallSeconds: Int, secondsSinceBoot: Int, boot: String) {
        guard ReasonableTime.seconds.contains(wallSeconds), secondsSinceBoot >= 0,
            ReasonableTime.seconds.contains(secondsSinceBoot)
        else { return nil }
        self.wallSeconds = wallSeconds
        self.secondsSinceBoot = secondsSinceBoot
        self.boot = boot
    }

    /// So much may a clock be put forward, or run ahead, within one boot.
    private static let allowanceSeconds = 3600
    /// After so long a machine has had its clock set, if it is ever to be.
    private static let settledSeconds = 86_400

    /// Whether the wall clock is to be believed that it is as late as it says, by a moment that was noted.
    ///
    /// Over a boot nothing can be said.
    package func isPlausible(since noted: BootMoment?) -> Bool {
        guard let noted, noted.boot == boot else { return false }
        return wallSeconds <= noted.earliest(at: self) + Self.allowanceSeconds
    }

    /// Whether it is to be noted in the place of what was: of another boot, and this one is a day old.
    package func replaces(_ noted: BootMoment?) -> Bool {
        noted?.boot != boot && secondsSinceBoot >= Self.settledSeconds
    }

    /// What the wall clock must show at least at a later moment, in seconds since 1970, if it was right here.
    package func earliest(at moment: BootMoment) -> Int {
        guard moment.boot == boot else { return wallSeconds }
        return wallSeconds + max(0, moment.secondsSinceBoot - secondsSinceBoot)
    }
}

/// The times that are reckoned with: to the end of the year 9999, and as long before 1970.
package enum ReasonableTime {
    /// In seconds since 1970.
    package static let seconds = -253_402_300_799...253_402_300_799
}
