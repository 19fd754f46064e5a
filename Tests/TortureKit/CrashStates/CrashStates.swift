internal import Foundation
internal import Sluice
internal import SluiceNative
internal import TestSupport

/// Crashes of the machine at every point of sequences of operations, with whatever a disk may make of what
/// no sync had made durable; and crashes while a store recovers from one.
enum CrashStates: Torture {
    static let name = "crash-states"
    static let summary =
        "crashes at every point of operations, unsynced writes dropped, kept and torn"
    static let counts = (suite: 1500, full: 100_000)

    static func run(_ plan: TorturePlan) throws -> TortureReport {
        try TortureWorkers(name: name, plan: plan).run()
    }

    static func child(_ arguments: [String]) throws {
        var worker = try CrashWorker(try TortureWorkers.Share(arguments))
        worker.share.hand(over: try worker.run())
    }

    /// All sequences of one to three operations.
    static var sequences: [[TrialOperation]] {
        let ones = TrialOperation.allCases.map { [$0] }
        let twos = ones.flatMap { one in TrialOperation.allCases.map { one + [$0] } }
        return ones + twos + twos.flatMap { two in TrialOperation.allCases.map { two + [$0] } }
    }
}

/// What one process does of it.
struct CrashWorker {
    let share: TortureWorkers.Share
    private let library: CryptoLibrary
    private let scratch: DiskDirectory
    private let crashed: DiskDirectory
    private let recovered: DiskDirectory
    private var random: Randomness
    private var report = TortureReport()
    private var trialCount = 0

    /// States of a sequence, where not every one is looked at.
    private static let sampleCount = 60
    /// So many that none is left out.
    private static let everyState = Int.max / 4
    /// One in so many states crashes again while it is recovered.
    private static let recoveryRarity = 16

    init(_ share: TortureWorkers.Share) throws {
        self.share = share
        library = try CryptoLibrary.load(requireFIPS: false)
        random = Randomness(seed: share.seed &* 1000 &+ UInt64(share.index))
        let path = "\(share.path)/\(share.index)"
        scratch = try DiskDirectory(path: "\(path)-scratch")
        crashed = try DiskDirectory(path: "\(path)-crashed")
        recovered = try DiskDirectory(path: "\(path)-recovered")
    }

    private var isFull: Bool { share.count * share.workerCount >= CrashStates.counts.full }

    /// Single operations first, longer sequences in an order of the seed's. At full size every point of every
    /// sequence's last operation is looked at (those before it end a shorter one), otherwise a sample.
    mutating func run() throws -> TortureReport {
        report.count("distinct states", 0)
        let expected = try TrialHome(path: scratch.path).make()
        let image = try DiskImage(ofDirectory: scratch.path)
        try crashMaking()
        var order = Randomness(seed: share.seed)
        let all = CrashStates.sequences
        let sequences =
            Array(all.prefix(TrialOperation.allCases.count))
            + all.dropFirst(TrialOperation.allCases.count).shuffled(using: &order)
        var index = share.index
        while isFull ? index < sequences.count || isShort : isShort {
            let operations = sequences[index % sequences.count]
            try share.note("recording \(operations.map(\.rawValue))", report)
            let recording = try CrashRecording(
                operations, on: image, expected, in: scratch, logPath: "\(scratch.path).log",
                &random)
            report.count("sequences")
            try crash(recording, limit: isFull ? Self.everyState : Self.sampleCount)
            index += share.workerCount
        }
        return report
    }

    /// Crashes while the store comes to be: each worker looks at its share of them.
    private mutating func crashMaking() throws {
        try share.note("recording the making", report)
        let recording = try CrashRecording(
            makingIn: scratch, logPath: "\(scratch.path).log")
        try crash(recording, limit: isFull ? Self.everyState : Self.sampleCount)
    }

    private var isShort: Bool { (report.counts.first?.count ?? 0) < share.count }

    // MARK: Crashes

    /// A point of a recording, and what the crash makes of what isn't durable there.
    private struct Candidate {
        let prefix: Int
        let variant: CrashVariant
    }

    private mutating func crash(_ recording: CrashRecording, limit: Int) throws {
        for difference in recording.differences {
            report.fail("\(recording.title): the recording is not complete: \(difference)")
        }
        var candidates = candidates(recording)
        if recording.isMaking {
            let own = candidates.indices.filter { $0 % share.workerCount == share.index }
            candidates = own.map { candidates[$0] }
        }
        if candidates.count > 2 * limit {
            candidates = Array(candidates.shuffled(using: &random).prefix(2 * limit))
                .sorted { $0.prefix < $1.prefix }
        }
        var model = DiskModel(recording.image, log: recording.log)
        var (done, acknowledged, begun) = (0, 0, 0)
        var seen: Set<[UInt8]> = []
        for candidate in candidates where seen.count < limit {
            while done < candidate.prefix {
                let record = recording.log.records[done]
                model.apply(record, index: done)
                let words = record.name.split(separator: " ")
                if record.kind == .mark, words.first == "begin" { begun = Int(words[1]) ?? 0 }
                if record.kind == .mark, words.first == "done" { acknowledged = begun }
                done += 1
            }
            let image = candidate.variant.image(of: model)
            guard
                try seen.insert(image.digest(library) + [UInt8(acknowledged), UInt8(begun)])
                    .inserted
            else { continue }
            let crash = Crash(
                image: image, acknowledged: recording.expected[acknowledged],
                begun: recording.expected[begun], isMaking: recording.isMaking,
                title: """
                    seed \(share.seed), \(recording.title), crash after \(done) of \
                    \(recording.log.records.count) records, \(candidate.variant)
                    """)
            report.count("distinct states")
            try check(crash, in: crashed)
            if random.once(in: Self.recoveryRarity) { try crashRecovery(crash) }
            if random.once(in: Self.recoveryRarity) { try crashSecond(crash, model, done) }
        }
    }

    /// What a crash left, and what must be in it.
    private struct Crash {
        var image: DiskImage
        let acknowledged: Expectation
        let begun: Expectation
        let isMaking: Bool
        var title: String
    }

    private mutating func candidates(_ recording: CrashRecording) -> [Candidate] {
        var model = DiskModel(recording.image, log: recording.log)
        var candidates: [Candidate] = []
        for index in 0...recording.log.records.count {
            if index > 0 { model.apply(recording.log.records[index - 1], index: index - 1) }
            guard index >= recording.sharedCount else { continue }
            let variants = CrashVariant.all(pendingCount: model.pending.count, &random)
            candidates += variants.map { Candidate(prefix: index, variant: $0) }
        }
        return candidates
    }

    /// Kills the process where `first` crashes, which loses nothing, has another open the store, and crashes
    /// the machine at a point of that: neither of them may have relied on what no sync had made durable.
    private mutating func crashSecond(
        _ first: Crash, _ model: DiskModel, _ doneCount: Int
    ) throws {
        let title = "\(first.title), but killed there, and opened by a second process"
        try share.note(title, report)
        let recording: CrashRecording
        do {
            recording = try CrashRecording(
                recoveryOf: model.seenImage, isMaking: first.isMaking, in: recovered,
                logPath: "\(recovered.path).log")
        } catch {
            report.fail("\(title): threw \(error)")
            return
        }
        var model = model
        let records = model.goOn(with: recording.log)
        // Half of the time where something is gone for good.
        let unlinks = records.indices.filter { records[$0].kind == .unlink }
        let end =
            unlinks.isEmpty || random.once(in: 2)
            ? random.below(records.count + 1) : unlinks[random.below(unlinks.count)] + 1
        for index in 0..<end { model.apply(records[index], index: doneCount + index) }
        let variants = CrashVariant.all(pendingCount: model.pending.count, &random)
        let variant = random.once(in: 2) ? .allDropped : variants[random.below(variants.count)]
        var second = first
        second.image = variant.image(of: model)
        second.title =
            "\(title), crash after \(end) of \(records.count) records of that, \(variant)"
        report.count("crashes after a second process has opened")
        try check(second, in: recovered)
    }

    private mutating func check(_ crash: Crash, in directory: DiskDirectory) throws {
        try share.note(crash.title, report)
        let image = random.once(in: 3) ? crash.image.withRubbish() : crash.image
        try directory.hold(image, afresh: crash.isMaking)
        let checker = StateChecker(
            home: TrialHome(path: directory.path), acknowledged: crash.acknowledged,
            begun: crash.begun, isUsedToo: crash.isMaking || random.once(in: 8),
            isMaking: crash.isMaking)
        for problem in checker.problems(blobs: crash.image.blobs) {
            report.fail("\(crash.title): \(problem)")
        }
    }

    /// Crashes the opening of a store that has crashed, at one point of it.
    private mutating func crashRecovery(_ first: Crash) throws {
        try share.note("\(first.title), recorded recovery", report)
        let recording: CrashRecording
        do {
            recording = try CrashRecording(
                recoveryOf: first.image, isMaking: first.isMaking, in: recovered,
                logPath: "\(recovered.path).log")
        } catch {
            report.fail("\(first.title), recorded recovery: threw \(error)")
            return
        }
        for difference in recording.differences {
            report.fail(
                "\(first.title): the recording of its recovery is not complete: \(difference)")
        }
        let candidates = candidates(recording)
        let candidate = candidates[random.below(candidates.count)]
        var model = DiskModel(first.image, log: recording.log)
        for index in 0..<candidate.prefix {
            model.apply(recording.log.records[index], index: index)
        }
        var second = first
        second.image = candidate.variant.image(of: model)
        second.title += """
            , then in recovery after \(candidate.prefix) of \(recording.log.records.count) \
            records, \(candidate.variant)
            """
        report.count("crashes during recovery")
        try check(second, in: recovered)
    }
}
