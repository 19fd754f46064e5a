internal import ArgumentParser

/// How large and how often things are measured.
enum Profile: String, ExpressibleByArgument, CaseIterable, Codable, Sendable {
    /// Small sizes, to see that the harness works: under two minutes.
    case smoke
    /// The sizes that the bounds are about: about a quarter of an hour.
    case standard
    /// The same with runs of a second and twice as many blocks: about an hour.
    case full

    /// Whether results are held to the bounds, which are about large sizes.
    var hasBounds: Bool { self != .smoke }
    /// About how long a run of all cells takes, for people.
    var durationText: String { pick("2 minutes", "15 minutes", "an hour") }
    /// How many blocks of four runs a comparison has: 6 is the least for an interval of 95 %.
    var blockCount: Int { pick(6, 12, 24) }
    /// The large file that is put and got.
    var fileByteCount: Int { pick(64 << 20, 1 << 30, 1 << 30) }
    /// What is sealed, opened, compressed or copied in memory at once.
    var memoryByteCount: Int { pick(16 << 20, 256 << 20, 256 << 20) }
    /// The object that is verified, and of which ranges are got.
    var objectByteCount: Int { pick(4 << 20, 64 << 20, 64 << 20) }
    /// How long a run of a fast operation lasts.
    var runNanoseconds: UInt64 { pick(30_000_000, 250_000_000, 1_000_000_000) }
    /// Into how many slices a trial cuts such a run where its operations take microseconds: of 5 ms.
    var sliceCount: Int { Int(runNanoseconds / 5_000_000) }
    /// How long arrivals go on in a run of an open loop.
    var arrivalNanoseconds: UInt64 { pick(60_000_000, 500_000_000, 2_000_000_000) }
    /// Puts for each of the 64 callers in a run, who share them.
    var putsPerCaller: Int { pick(8, 128, 512) }
    /// Puts, or removals, of one caller in a run.
    var putsAlone: Int { pick(50, 400, 1_000) }
    /// Small objects that are got again and again.
    var hotObjectCount: Int { pick(480, 10_000, 10_000) }
    /// Gets of each caller in a run, each of another object.
    var coldGetsPerCaller: Int { pick(150, 1_000, 3_000) }
    /// Extents of the object that is got, of a chunk each.
    var extentCount: Int { pick(64, 1_024, 1_024) }
    /// Parts of an upload, each put by a caller of its own.
    var partCount: Int { pick(8, 64, 64) }
    /// Objects whose keys a sweep rewraps.
    var sweptObjectCount: Int { pick(160, 4_096, 4_096) }
    /// Objects whose keys are rewrapped as they are read.
    var rewrappedObjectCount: Int { pick(80, 960, 960) }
    /// Revocations in a run.
    var revocationCount: Int { pick(2, 25, 100) }
    /// Rotations in a run: each makes a key.
    var rotationCount: Int { pick(1, 4, 8) }
    /// Moves of a scope to another key version in a run.
    var takeUpCount: Int { pick(2, 20, 50) }
    /// Objects in the smallest catalog; like the others', a multiple of 8.
    var tinyCatalogCount: Int { pick(160, 1_000, 1_000) }
    /// Objects in the smaller catalog.
    var smallCatalogCount: Int { pick(480, 10_000, 10_000) }
    /// Objects in the larger one.
    var largeCatalogCount: Int { pick(4_800, 1_000_000, 1_000_000) }
    /// The sparse file whose put and get must not take more memory than a small one's.
    var sparseByteCount: Int { pick(64 << 20, 8 << 30, 8 << 30) }
    /// How many processes are timed in a run.
    var processCount: Int { pick(1, 8, 16) }
    /// What must be free on the disk: the most that is used at once, and some room.
    var neededByteCount: Int { pick(2 << 30, 13 << 30, 13 << 30) }

    private func pick<Value>(_ smoke: Value, _ standard: Value, _ full: Value) -> Value {
        switch self {
        case .smoke: smoke
        case .standard: standard
        case .full: full
        }
    }
}
