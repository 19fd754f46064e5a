internal import CLinux
internal import Glibc

/// The machine's processors.
public enum Processor {
    /// How many of them this process may use, at least 1.
    public static var count: Int {
        var mask = cpu_set_t()
        let result = unsafe sched_getaffinity(0, MemoryLayout<cpu_set_t>.size, &mask)
        // A machine with more than 1024 of them doesn't fit into the mask.
        guard result == 0 else { return max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))) }
        return unsafe withUnsafeBytes(of: mask) { bytes in
            unsafe bytes.reduce(0) { $0 + $1.nonzeroBitCount }
        }
    }

    /// The number of the one that this thread runs on, which may be another a moment later; 0 where
    /// the system doesn't say.
    public static var currentIndex: Int { max(0, Int(sched_getcpu())) }

    /// The instruction set extensions by the kernel's names, as `aes`, `vaes`, `vpclmulqdq`,
    /// `avx512f`; empty if it doesn't say.
    public static let flags: Set<String> = {
        let names = information.value("flags", "Features") ?? ""
        return Set(names.split(separator: " ").map(String.init))
    }()

    /// What the maker calls it; nil if the kernel doesn't say.
    public static let model: String? = information.value("model name", "Model", "cpu model")

    private static let information = ProcessText("/proc/cpuinfo")
}
