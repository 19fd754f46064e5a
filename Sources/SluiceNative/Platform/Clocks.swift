internal import Glibc

/// A clock that only goes forward and means nothing outside this boot of this machine.
public enum MonotonicClock {
    /// The nanoseconds since some fixed moment.
    public static var nowNanoseconds: Int {
        read(CLOCK_MONOTONIC).nanoseconds
    }
}

/// A clock that only goes forward from the boot of this machine, while it sleeps, too.
public enum BootClock {
    /// The seconds since the boot.
    public static var nowSeconds: Int { read(CLOCK_BOOTTIME).tv_sec }

    /// Which boot of which machine this is; nil if the system doesn't tell.
    public static let bootID: String? = ProcessText("/proc/sys/kernel/random/boot_id").firstLine
}

/// The time of day, which may jump when it is set.
public enum WallClock {
    /// The milliseconds since 1970-01-01 00:00 UTC, whatever the clock was set to.
    public static var nowMilliseconds: Int {
        let time = read(CLOCK_REALTIME)
        let (milliseconds, overflows) = time.tv_sec.multipliedReportingOverflow(by: 1000)
        guard !overflows else { return time.tv_sec > 0 ? .max : .min }
        return milliseconds + time.tv_nsec / 1_000_000
    }
}

private func read(_ clock: clockid_t) -> timespec {
    var time = timespec()
    let result = unsafe clock_gettime(clock, &time)
    precondition(result == 0, "the system has no such clock")
    return time
}

extension timespec {
    /// The nanoseconds; the greatest or least number for what lies beyond, before 1677 or after 2262.
    var nanoseconds: Int {
        let (seconds, overflows) = tv_sec.multipliedReportingOverflow(by: 1_000_000_000)
        let (sum, overflowsToo) = seconds.addingReportingOverflow(tv_nsec)
        return overflows || overflowsToo ? (tv_sec > 0 ? .max : .min) : sum
    }
}
