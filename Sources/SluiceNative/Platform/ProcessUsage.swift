internal import CLinux
internal import Glibc

/// What this process has used of the machine, and what it may use.
public struct ProcessUsage: Sendable, Equatable {
    /// The most memory that it has held at once since it started.
    public let peakResidentByteCount: Int
    /// The processor time of all of its threads, their own and the kernel's for them.
    public let cpuNanoseconds: Int
    /// How much memory it may lock; nil without a limit.
    public let lockedMemoryLimitByteCount: Int?
    /// How many descriptors it may have open; nil without a limit.
    public let openFileLimitCount: Int?

    /// The figures as of now; for several threads at once.
    public static func current() -> ProcessUsage {
        var usage = rusage()
        let result = unsafe getrusage(RUSAGE_SELF.rawValue, &usage)
        precondition(result == 0, "the system doesn't account for its processes")
        return ProcessUsage(
            peakResidentByteCount: peakResidentByteCount(usage),
            cpuNanoseconds: nanoseconds(usage.ru_utime) + nanoseconds(usage.ru_stime),
            lockedMemoryLimitByteCount: limit(__RLIMIT_MEMLOCK),
            openFileLimitCount: limit(RLIMIT_NOFILE))
    }

    /// The most memory that a process has held at once since it started; nil if it has ended.
    public static func peakResidentByteCount(ofProcess processID: Int32) -> Int? {
        peakResidentByteCount(ofProcess: "\(processID)")
    }

    /// `ru_maxrss` begins at the peak of the program that started this one, so it is the second
    /// choice.
    private static func peakResidentByteCount(_ usage: rusage) -> Int {
        peakResidentByteCount(ofProcess: "self") ?? usage.ru_maxrss * 1024
    }

    private static func peakResidentByteCount(ofProcess name: String) -> Int? {
        let text = ProcessText("/proc/\(name)/status").value("VmHWM")
        return text?.split(separator: " ").first.flatMap { Int($0) }.map { $0 * 1024 }
    }

    private static func nanoseconds(_ time: timeval) -> Int {
        time.tv_sec * 1_000_000_000 + Int(time.tv_usec) * 1000
    }

    private static func limit(_ resource: __rlimit_resource) -> Int? {
        var limits = rlimit()
        // RLIM_INFINITY, and whatever else an Int can't hold.
        guard unsafe getrlimit(Int32(resource.rawValue), &limits) == 0 else { return nil }
        return Int(exactly: limits.rlim_cur)
    }
}
