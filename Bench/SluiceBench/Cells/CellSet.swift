internal import BenchKit
internal import SluiceNative

/// Every cell, in the order in which they are measured.
struct CellSet {
    /// The cells.
    let cells: [BenchCell]
    private let stores: CatalogStores

    /// Makes the cells; nothing touches the disk before one is set up.
    init(_ conditions: Conditions) throws {
        stores = CatalogStores(conditions)
        cells =
            try Self.files(conditions) + Self.memory(conditions) + Self.smallObjects(conditions) + [
                .limit(ProcessCell(conditions: conditions)),
                .limit(PeakMemoryCell(operation: .put, conditions: conditions)),
                .limit(PeakMemoryCell(operation: .get, conditions: conditions)),
                .pair(CatalogSizeCell(.put, stores)),
                .pair(CatalogSizeCell(.get, stores)),
            ]
    }

    /// Removes what cells share.
    func finish() throws {
        try stores.remove()
    }

    // MARK: Kinds

    /// Times in the bounds are at most so many times the peer's; rates are at least the inverse.
    private static func timesAtMost(_ multiple: Double) -> Bound { .atLeast(ratio: 1 / multiple) }

    private static func files(_ conditions: Conditions) throws -> [BenchCell] {
        let byteCount = conditions.profile.fileByteCount
        let size = FigureText.size(byteCount)
        let once = ClosedLoop(length: .operations(1))
        func put(_ pattern: DataPattern, _ name: String, _ bound: Bound) throws -> BenchCell {
            .rate(
                try Cell(
                    FilePut(pattern, byteCount: byteCount, name: name, conditions), against: .peer,
                    FileCopy(
                        pattern, byteCount: byteCount, durable: true,
                        to: conditions.path("\(name)-copy"), conditions),
                    bound: bound, loop: once))
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
            bound: timesAtMost(1), loop: once)
        return [
            try put(.random, "put-\(size)-random-durable", timesAtMost(0.75)), .rate(get),
            try put(.text, "put-\(size)-text-auto", timesAtMost(0.5)),
        ]
    }

    private static func memory(_ conditions: Conditions) throws -> [BenchCell] {
        let (profile, seed) = (conditions.profile, conditions.seed)
        let loop = ClosedLoop(length: .nanoseconds(profile.runNanoseconds / 2))
        return try [ChunkDirection.seal, .open].map { direction in
            .rate(
                try Cell(
                    DataPlaneInMemory(direction, byteCount: profile.memoryByteCount, seed: seed),
                    against: .ceiling,
                    BareCipher(direction, byteCount: profile.memoryByteCount, seed: seed),
                    bound: .atLeast(ratio: 0.95), loop: loop))
        }
    }

    private static func smallObjects(_ conditions: Conditions) throws -> [BenchCell] {
        let profile = conditions.profile
        let callers = 64
        let hot = HotGet(conditions)
        return [
            .pair(
                UnevenCell(
                    workload: SmallPut(callers: callers, conditions),
                    loop: ClosedLoop(
                        callers: callers, length: .operations(profile.putsPerCaller)),
                    reference: BareInserts(conditions),
                    referenceLoop: ClosedLoop(
                        length: .operations(
                            callers * profile.putsPerCaller / BareDatabase.batchCount)),
                    referenceKind: .ceiling, bound: .atLeast(ratio: 0.6))),
            .rate(
                try Cell(
                    hot, against: .ceiling, BareLookups(rowCount: hot.objectCount, conditions),
                    bound: .atLeast(ratio: 0.4),
                    loop: ClosedLoop(
                        callers: Processor.count, length: .nanoseconds(profile.runNanoseconds)))),
            .rate(
                try Cell(
                    ColdGet(conditions), against: .ceiling, BareUnwrap(),
                    bound: .atLeast(ratio: 0.9),
                    loop: ClosedLoop(
                        callers: Processor.count,
                        length: .operations(profile.coldGetsPerCaller)))),
        ]
    }
}
