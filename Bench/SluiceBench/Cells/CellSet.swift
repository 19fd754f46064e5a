internal import BenchKit
internal import Sluice
internal import SluiceNative

/// Every cell, in the order in which they are measured: at most 40.
struct CellSet {
    /// The cells.
    let cells: [Cell]
    private let stores: CatalogStores

    /// Makes the cells; nothing touches the disk before one is set up.
    init(_ conditions: Conditions) throws {
        stores = CatalogStores(conditions)
        let all =
            try Self.files(conditions) + Self.memory(conditions)
            // Before those that remove thousands of files: for minutes ext4 then takes a millisecond to make
            // one, for it passes over the inodes that were freed last.
            + Self.processes(conditions) + Self.puts(conditions) + Self.gets(conditions)
            + Self.catalog(conditions) + Self.latencies(conditions) + Self.keys(conditions)
            + Self.catalogSizes(conditions, stores)
        cells = conditions.profile.hasBounds ? all : all.map(\.withoutBound)
    }

    /// Removes what cells share.
    func finish() throws {
        try stores.remove()
    }

    // MARK: Conditions

    /// Times in the bounds are at most so many times the peer's; rates are at least the inverse.
    private static func timesAtMost(_ multiple: Double) -> Bound { .atLeast(ratio: 1 / multiple) }

    /// A run of fast operations.
    private static func timed(_ conditions: Conditions, callers: Int = 1) -> Loop {
        .closed(
            ClosedLoop(callers: callers, length: .nanoseconds(conditions.profile.runNanoseconds)))
    }

    private static func repeated(_ operationCount: Int, callers: Int = 1) -> Loop {
        .closed(ClosedLoop(callers: callers, length: .operations(operationCount)))
    }

    // MARK: Kinds

    private static func files(_ conditions: Conditions) throws -> [Cell] {
        let byteCount = conditions.profile.fileByteCount
        let size = Figures.size(byteCount)
        func put(_ pattern: DataPattern, _ name: String, _ bound: Bound?) throws -> Cell {
            try Cell(
                FilePut(pattern, byteCount: byteCount, name: name, conditions), against: .peer,
                FileCopy(
                    pattern, byteCount: byteCount, durable: true,
                    to: conditions.path("\(name)-copy"), conditions),
                bound: bound, loop: repeated(1), counting: .store(1), setUpCost: .heavy)
        }
        let name = "get-\(size)-to-file"
        let targets = (conditions.path("got"), conditions.path("copied"))
        // What isn't synced is still to be written when the other side runs: so each removes both.
        let get = try Cell(
            FileGet(
                byteCount: byteCount, name: name, to: targets.0, alsoRemoving: [targets.1],
                conditions),
            against: .peer,
            FileCopy(
                .random, byteCount: byteCount, durable: false, to: targets.1,
                alsoRemoving: [targets.0], conditions),
            bound: timesAtMost(1), loop: repeated(1), counting: .store(1), setUpCost: .heavy)
        return [
            try put(.random, "put-\(size)-random-durable", timesAtMost(0.75)), get,
            try put(.text, "put-\(size)-text-auto", timesAtMost(0.5)),
            try put(.zeros, "put-\(size)-zeros-auto", nil),
        ]
    }

    /// The data plane beside the cipher, and the libraries beside the memory.
    private static func memory(_ conditions: Conditions) throws -> [Cell] {
        let (byteCount, seed) = (conditions.profile.memoryByteCount, conditions.seed)
        let loop = timed(conditions)
        let planes = try [ChunkDirection.seal, .open].map { direction in
            try Cell(
                DataPlaneInMemory(direction, byteCount: byteCount, seed: seed), against: .ceiling,
                BareCipher(direction, byteCount: byteCount, seed: seed),
                bound: .atLeast(ratio: 0.95), loop: loop, counting: .store(1))
        }
        let cipher = try Cell(
            BareCipher(
                .seal, byteCount: byteCount, seed: seed, name: "ceiling-evp-aes-256-gcm-seal"),
            against: .ceiling, MemoryCopy(byteCount: byteCount), loop: loop)
        let everybody = timed(conditions, callers: Processor.count)
        return planes + [cipher] + [
            try Cell(
                BareCompression(byteCount: byteCount), against: .ceiling,
                MemoryCopy(byteCount: byteCount), loop: loop),
            try Cell(
                BareWrapping(.private, name: "ceiling-rsa-2048-private"), against: .ceiling,
                BareWrapping(.public), loop: everybody),
        ]
    }

    private static func puts(_ conditions: Conditions) throws -> [Cell] {
        let profile = conditions.profile
        let callers = 64
        let rows = BareDatabase.batchCount
        let chunkByteCount = DataPlaneProbe.chunkByteCount
        let sizes = [0, chunkByteCount - 1, chunkByteCount, chunkByteCount + 1]
        return [
            try Cell(
                SmallPut("put-4KiB-64-callers-durable", callers: callers, conditions),
                against: .ceiling, BareInserts(rowCount: rows, .full, conditions),
                bound: .atLeast(ratio: 0.6),
                loop: .closed(
                    ClosedLoop(
                        callers: callers,
                        length: .operationsInAll(callers * profile.putsPerCaller))),
                referenceLoop: repeated(callers * profile.putsPerCaller / rows),
                counting: .store(20)),
            try Cell(
                SmallPut("put-4KiB-1-caller-durable", callers: 1, conditions), against: .ceiling,
                BareInserts(rowCount: 1, .full, conditions), loop: repeated(profile.putsAlone),
                counting: .store(20)),
            try Cell(
                BytesPut("put-4096B", byteCounts: [4096], conditions), against: .ceiling,
                BareInserts(rowCount: 1, .none, conditions), loop: repeated(profile.putsAlone),
                counting: .store(20)),
            try Cell(
                BytesPut(
                    "put-0B-and-\(Figures.size(chunkByteCount))-and-1B-less-and-more",
                    byteCounts: sizes, conditions),
                against: .ceiling, BareWrites(byteCounts: sizes, durable: false, conditions),
                loop: repeated(profile.putsAlone), counting: .store(12)),
            try Cell(
                PartsPut(partCount: profile.partCount, isWhole: false, conditions),
                against: .ceiling,
                PartsPut(partCount: profile.partCount, isWhole: true, conditions),
                bound: .atLeast(ratio: 0.8), loop: repeated(1, callers: profile.partCount),
                referenceLoop: repeated(1)),
        ]
    }

    private static func gets(_ conditions: Conditions) throws -> [Cell] {
        let callers = Processor.count
        let hot = HotGet("get-4KiB-hot", law: .uniform, conditions)
        return [
            try Cell(
                hot, against: .ceiling, BareLookups(rowCount: hot.objectCount, conditions),
                bound: .atLeast(ratio: 0.4), loop: timed(conditions, callers: callers),
                counting: .store(100)),
            try Cell(
                ColdGet(
                    "get-4KiB-cold", getsPerCaller: conditions.profile.coldGetsPerCaller,
                    conditions),
                against: .ceiling, BareWrapping(.private), bound: .atLeast(ratio: 0.9),
                loop: repeated(conditions.profile.coldGetsPerCaller, callers: callers),
                counting: .store(20)),
            try Cell(
                ExtentsGet(
                    extentCount: conditions.profile.extentCount, isPlain: false, conditions),
                against: .ceiling,
                ExtentsGet(
                    extentCount: conditions.profile.extentCount, isPlain: true, conditions),
                bound: timesAtMost(1.05), loop: repeated(1)),
            try Cell(
                StalledUploads(uploadCount: 8, conditions), against: .ceiling,
                StalledUploads(uploadCount: 0, conditions), figure: .medianLatency,
                bound: timesAtMost(1.5), loop: timed(conditions)),
            try Cell(
                RangeGet(conditions), against: .ceiling, BareChunkOpen(), loop: timed(conditions),
                counting: .store(100), sliceCount: conditions.profile.sliceCount),
        ]
    }

    private static func catalog(_ conditions: Conditions) throws -> [Cell] {
        let stat = HotGet("stat-hot", .info, law: .uniform, conditions)
        let listing = Listing(conditions)
        let profile = conditions.profile
        return [
            try Cell(
                stat, against: .ceiling, BareLookups(rowCount: stat.objectCount, conditions),
                loop: timed(conditions, callers: Processor.count), counting: .store(100)),
            try Cell(
                listing, against: .ceiling, BareLookups(rowCount: listing.objectCount, conditions),
                loop: timed(conditions), counting: .store(1)),
            try Cell(
                Removal(conditions), against: .ceiling,
                BareInserts(rowCount: 1, .none, conditions), loop: repeated(profile.putsAlone),
                counting: .store(20)),
            try Cell(
                StoreOpening(conditions), against: .ceiling, BareOpening(conditions),
                loop: timed(conditions), counting: .store(3)),
            try Cell(
                Verification(conditions), against: .ceiling,
                BareCipher(.open, byteCount: profile.objectByteCount, seed: conditions.seed),
                loop: timed(conditions), counting: .store(1)),
        ]
    }

    /// Under arrivals that don't wait, latency counted from when an operation was due.
    private static func latencies(_ conditions: Conditions) throws -> [Cell] {
        let nanoseconds = conditions.profile.arrivalNanoseconds
        func arrivals(_ perSecond: Double, callers: Int) -> Loop {
            .open(
                OpenLoop(
                    operationsPerSecond: perSecond, callers: callers,
                    durationNanoseconds: nanoseconds))
        }
        let hot = HotGet(
            "get-4KiB-hot-zipf-at-5000-per-second", law: .zipf(exponent: 0.99), conditions)
        // Twice what is expected to arrive at any one caller.
        let coldCount = Int(1_000 * Double(nanoseconds) / 1e9) * 2
        return [
            try Cell(
                hot, against: .ceiling, BareLookups(rowCount: hot.objectCount, conditions),
                figure: .tailLatency, loop: arrivals(5_000, callers: Processor.count)),
            try Cell(
                ColdGet("get-4KiB-cold-at-1000-per-second", getsPerCaller: coldCount, conditions),
                against: .ceiling, BareWrapping(.private), figure: .tailLatency,
                loop: arrivals(1_000, callers: Processor.count)),
            try Cell(
                SmallPut("put-4KiB-durable-at-500-per-second", callers: 16, conditions),
                against: .ceiling,
                BareWrites(byteCounts: [4096], durable: true, conditions), figure: .tailLatency,
                loop: arrivals(500, callers: 16)),
        ]
    }

    private static func processes(_ conditions: Conditions) throws -> [Cell] {
        try [
            Cell(
                ProcessGet(conditions: conditions), against: .floor, ProcessFloor(),
                figure: .duration, bound: .atMost(value: 12e6),
                loop: repeated(conditions.profile.processCount))
        ]
            + [PeakMemory.Operation.put, .get].map { operation in
                try Cell(
                    PeakMemory(operation: operation, conditions: conditions), against: .floor,
                    PeakMemoryFloor(conditions: conditions), figure: .peakMemory,
                    bound: .atMost(value: 0x1p26), loop: repeated(1), blockCount: 1,
                    setUpCost: .heavy)
            }
    }

    private static func catalogSizes(
        _ conditions: Conditions, _ stores: CatalogStores
    ) throws -> [Cell] {
        func cell(
            _ kind: CatalogOperation.Kind, _ operationCount: Int, _ bound: Bound
        ) throws -> Cell {
            try Cell(
                CatalogOperation(kind, inLarge: true, stores), against: .ceiling,
                CatalogOperation(kind, inLarge: false, stores), figure: .medianLatency,
                bound: bound, loop: repeated(operationCount), setUpCost: .once)
        }
        return [
            try cell(.put, 500, timesAtMost(1.3)), try cell(.get, 2_000, timesAtMost(1.3)),
            try cell(.census, 500, .atMost(value: 5e6)),
            try cell(
                .takeUp, conditions.profile.takeUpCount,
                .all([timesAtMost(1.2), .atMost(value: 20e6)])),
        ]
    }

    /// Rotation, rewrapping and revocation.
    private static func keys(_ conditions: Conditions) throws -> [Cell] {
        let profile = conditions.profile
        let arrivals = Loop.open(
            OpenLoop(
                operationsPerSecond: 1_000, callers: Processor.count,
                durationNanoseconds: profile.arrivalNanoseconds))
        let rewrapped = profile.rewrappedObjectCount
        return [
            try Cell(
                Revocation(.barrier, conditions), against: .floor, Revocation(.commit, conditions),
                figure: .medianLatency,
                bound: .all([.atMost(value: 1e6), .tailAtMost(nanoseconds: 10e6)]),
                loop: repeated(profile.revocationCount)),
            try Cell(
                BarrierCrossing(conditions), against: .floor, BareCrossing(), figure: .duration,
                bound: .atMost(value: 100), loop: timed(conditions),
                sliceCount: conditions.profile.sliceCount),
            try Cell(
                Sweep(conditions), against: .ceiling, BareWrapping(.both),
                bound: .atLeast(ratio: 0.9), loop: repeated(1),
                referenceLoop: timed(conditions, callers: Processor.count), counting: .store(1)),
            try Cell(
                GetDuringSweep(sweeping: true, conditions), against: .ceiling,
                GetDuringSweep(sweeping: false, conditions), figure: .tailLatency,
                bound: timesAtMost(1.5), loop: arrivals),
            try Cell(
                FirstGet(afterRotation: true, conditions), against: .floor,
                FirstGet(afterRotation: false, conditions), figure: .medianLatency,
                loop: repeated(profile.rotationCount)),
            // Bounded in instructions, by `scripts/instructions`: these are so few that times wander more.
            try Cell(
                RewrappingGet(onRead: true, count: rewrapped, conditions), against: .ceiling,
                RewrappingGet(onRead: false, count: rewrapped, conditions), figure: .medianLatency,
                loop: repeated(rewrapped)),
        ]
    }
}
