internal import CLinux
internal import Glibc

/// A clock that only goes forward and means nothing outside this boot of this machine.
public enum MonotonicClock {
    /// The nanoseconds since some fixed moment.
    public static var nowNanoseconds: Int {
        let time = now(CLOCK_MONOTONIC)
        return time.tv_sec * 1_000_000_000 + time.tv_nsec
    }
}

/// A clock that only goes forward from the boot of this machine, while it sleeps, too.
public enum BootClock {
    /// The seconds since the boot.
    public static var nowSeconds: Int { now(CLOCK_BOOTTIME).tv_sec }

    /// The nanoseconds since the boot.
    public static var nowNanoseconds: Int {
        let time = now(CLOCK_BOOTTIME)
        return time.tv_sec * 1_000_000_000 + time.tv_nsec
    }

    /// Which boot of which machine this is; nil if the system doesn't tell.
    public static let bootID: String? = ProcessText("/proc/sys/kernel/random/boot_id").firstLine
}

/// The time of day, which may jump when it is set.
public enum WallClock {
    /// The milliseconds since 1970-01-01 00:00 UTC; at most ``latestMilliseconds`` away from it, wherever the
    /// clock stands.
    public static var nowMilliseconds: Int {
        let time = now(CLOCK_REALTIME)
        let seconds = min(max(time.tv_sec, -latestMilliseconds / 1000), latestMilliseconds / 1000)
        return min(seconds * 1000 + time.tv_nsec / 1_000_000, latestMilliseconds)
    }

    /// Some 285,000 years: whatever is reckoned from here doesn't overflow.
    public static let latestMilliseconds = 1 << 53
}

private func now(_ clock: clockid_t) -> timespec {
    var time = timespec()
    let result = unsafe clock_gettime(clock, &time)
    precondition(result == 0, "the system has no such clock")
    return time
}
