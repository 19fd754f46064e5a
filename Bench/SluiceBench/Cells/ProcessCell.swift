internal import BenchKit
internal import SluiceNative

/// How long the process `sluice get` of an object of 4 KiB lives.
struct ProcessCell: LimitCell {
    let conditions: Conditions
    let name = "process-get-4KiB"
    let summary = """
        The time from starting 'sluice get' of an object of 4 KiB, no passphrase, to its end, with \
        what starting any process takes.
        """
    let quantity = LimitQuantity.duration
    let limit: UInt64 = 12_000_000
    let floorName = "true"
    var sampleCount: Int { conditions.profile.processCount }

    private var directory: String { conditions.path(name) }
    private var home: String { "\(directory)/home" }

    func setUp() throws {
        try conditions.requireSluice()
        try FileSystem.makeDirectories(directory)
        let source = try conditions.corpus.path(.random, byteCount: SmallObjects.byteCount)
        try conditions.sluice.run("put", source, "--as", "object", "--home", home)
        // The first runs of both fill the page cache.
        _ = (try sample(), try floorSample())
    }

    func sample() throws -> UInt64 {
        try conditions.sluice.run("get", "object", "--home", home)
    }

    func floorSample() throws -> UInt64 {
        try Subprocess(named: floorName).run()
    }

    func tearDown() throws {
        try Scratch.remove(directory)
    }
}
