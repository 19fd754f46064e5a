internal import ArgumentParser

/// How large and how often things are measured.
enum Profile: String, ExpressibleByArgument, CaseIterable, Codable, Sendable {
    /// Small sizes, to see that the harness works: under two minutes. The bounds don't apply to it.
    case smoke
    /// The sizes that the bounds are about: about a quarter of an hour.
    case standard

    /// How many blocks of four runs a comparison has: 6 is the least for an interval of 95 %.
    var blockCount: Int { pick(6, 12) }
    /// The large file that is put and got.
    var fileByteCount: Int { pick(64 << 20, 1 << 30) }
    /// What is sealed and opened in memory at once.
    var memoryByteCount: Int { pick(32 << 20, 256 << 20) }
    /// How long a run of a fast operation lasts.
    var runNanoseconds: UInt64 { pick(200_000_000, 1_000_000_000) }
    /// Puts of each of the 64 callers in a run.
    var putsPerCaller: Int { pick(32, 512) }
    /// Small objects that are got again and again.
    var hotObjectCount: Int { pick(1_000, 10_000) }
    /// Gets of each caller in a run, each of another object.
    var coldGetsPerCaller: Int { pick(500, 3_000) }
    /// Objects in the smaller catalog.
    var smallCatalogCount: Int { pick(2_000, 10_000) }
    /// Objects in the larger one.
    var largeCatalogCount: Int { pick(20_000, 1_000_000) }
    /// The sparse file whose put and get must not take more memory than a small one's.
    var sparseByteCount: Int { pick(256 << 20, 8 << 30) }
    /// How many processes are timed.
    var processCount: Int { pick(20, 200) }
    /// What must be free on the disk: the most that is used at once, and some room.
    var neededByteCount: Int { pick(2 << 30, 13 << 30) }

    private func pick<Value>(_ smoke: Value, _ standard: Value) -> Value {
        self == .smoke ? smoke : standard
    }
}
