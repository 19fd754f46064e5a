internal import Foundation
internal import Sluice
internal import SluiceNative
internal import TestSupport

/// What a sequence of operations did to the disk, and what was acknowledged when.
struct CrashRecording {
    /// What was done, in words.
    let title: String
    /// Whether what was done is to make the store and the vaults.
    var isMaking = false
    let image: DiskImage
    let log: CallLog
    /// How many of the records a shorter sequence has too, whose crashes are looked at with that one.
    var sharedCount = 0
    /// What must be there before the first operation and after each.
    let expected: [Expectation]
    /// Whether replaying all of it gives what is on the disk, byte for byte.
    let differences: [String]

    /// Runs operations on a home that holds `image`, each time or once in between with the store opened
    /// anew, and records all that is done to the disk.
    init(
        _ operations: [TrialOperation], on image: DiskImage, _ before: Expectation,
        in directory: DiskDirectory, logPath: String, _ random: inout Randomness
    ) throws {
        title = operations.map(\.rawValue).joined(separator: ", ")
        self.image = image
        try directory.hold(image, afresh: true)
        let home = TrialHome(path: directory.path)
        var expected = [before]
        try CallShim.record(below: directory.path, to: logPath)
        do {
            defer { try? CallShim.stop() }
            var store = try home.open()
            for (index, operation) in operations.enumerated() {
                var next = expected[index]
                try CallShim.mark("begin \(index + 1)")
                try operation.run(store, in: home, &next, &random)
                try CallShim.mark("done \(index + 1)")
                expected.append(next)
                if random.once(in: 3) {
                    try store.close()
                    store = try home.open()
                }
            }
            try store.close()
        }
        self.expected = expected
        log = try CallLog(path: logPath)
        let shorter = "done \(operations.count - 1)"
        sharedCount = log.records.firstIndex { $0.kind == .mark && $0.name == shorter } ?? 0
        differences = try Self.differences(image, log, directory.path)
    }

    /// Records how a store and vaults come to be where nothing was, by the first puts.
    init(makingIn directory: DiskDirectory, logPath: String) throws {
        title = "making"
        isMaking = true
        image = DiskImage()
        var expected = [Expectation()]
        try directory.hold(image, afresh: true)
        try CallShim.record(below: directory.path, to: logPath)
        do {
            defer { try? CallShim.stop() }
            let store = try TrialHome(path: directory.path).open(create: true)
            for (index, content) in [0, 1, 4].enumerated() {
                var next = expected[index]
                try CallShim.mark("begin \(index + 1)")
                try TrialHome.put(content, "first-\(index)", store, &next)
                try CallShim.mark("done \(index + 1)")
                expected.append(next)
            }
            try store.close()
        }
        self.expected = expected
        log = try CallLog(path: logPath)
        differences = try Self.differences(image, log, directory.path)
    }

    /// Records what opening and closing a store does that has crashed.
    init(
        recoveryOf image: DiskImage, isMaking: Bool, in directory: DiskDirectory, logPath: String
    ) throws {
        self.isMaking = isMaking
        title = "recovery"
        self.image = image
        expected = []
        try directory.hold(image, afresh: isMaking)
        try CallShim.record(below: directory.path, to: logPath)
        do {
            defer { try? CallShim.stop() }
            let store = try TrialHome(path: directory.path).open(create: isMaking)
            _ = try? store.list()
            try store.close()
        }
        log = try CallLog(path: logPath)
        differences = try Self.differences(image, log, directory.path)
    }

    /// How what the records say differs from what is there.
    private static func differences(
        _ image: DiskImage, _ log: CallLog, _ path: String
    ) throws -> [String] {
        var model = DiskModel(image, log: log)
        for (index, record) in log.records.enumerated() { model.apply(record, index: index) }
        let replayed = model.seenImage
        let actual = try DiskImage(ofDirectory: path)
        var differences: [String] = []
        if replayed.directories.sorted() != actual.directories.sorted() {
            differences.append("directories")
        }
        let replayedFiles = Dictionary(
            uniqueKeysWithValues: replayed.files.map { ($0.path, $0.bytes) })
        let actualFiles = Dictionary(uniqueKeysWithValues: actual.files.map { ($0.path, $0.bytes) })
        for path in Set(replayedFiles.keys).union(actualFiles.keys).sorted() {
            guard let one = replayedFiles[path], let other = actualFiles[path] else {
                differences.append("\(path) is there or not")
                continue
            }
            if DiskImage.isUncertain(path), !DiskImage.isLog(path) { continue }
            if !constantTimeEqual(one.span, other.span) { differences.append(path) }
        }
        return differences
    }
}
