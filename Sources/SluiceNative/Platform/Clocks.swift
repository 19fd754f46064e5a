internal import Glibc

/// A clock that only goes forward and means nothing outside this boot of this machine.
public enum MonotonicClock {
    /// The nanoseconds since some fixed moment.
    public static var nowNanoseconds: Int {
        nanoseconds(CLOCK_MONOTONIC)
    }
}

/// The time of day, which may jump when it is set.
public enum WallClock {
    /// The milliseconds since 1970-01-01 00:00 UTC.
    public static var nowMilliseconds: Int {
        nanoseconds(CLOCK_REALTIME) / 1_000_000
    }
}

private func nanoseconds(_ clock: clockid_t) -> Int {
    var time = timespec()
    let result = unsafe clock_gettime(clock, &time)
    precondition(result == 0, "the system has no such clock")
    return time.tv_sec * 1_000_000_000 + time.tv_nsec
}
