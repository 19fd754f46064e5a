import Foundation
import Sluice
import SluiceNative
import TestSupport

/// What ``BlobBackend`` promises, each promise a check that says how a backend breaks it.
///
/// A check is given a backend without blobs. That it finds what is broken is shown by backends that are broken on
/// purpose (``BrokenBlobs``).
struct BlobConformance: Sendable {
    /// The promises. (That what is acknowledged survives a power cut is for the tortures.)
    enum Promise: CaseIterable, Sendable {
        case properties, wholeBlobs, anyOrder, writingAgain, beginningAgain, nothingBeforeCommit
        case aborting, missing, reading, deleting, removedWhileOpen, listing, pages
        case copying, copyingWhatIsNot, recovering, recoveringThrows, durableLater, threads
    }

    let backend: any BlobBackend
    /// Has so much happen that listings show all that has happened before.
    var settle: @Sendable () -> Void = {}

    /// How the backend breaks a promise; empty if it keeps it.
    func violations(of promise: Promise) throws -> [String] {
        var found = Violations()
        switch promise {
        case .properties: try checkProperties(&found)
        case .wholeBlobs: try checkWholeBlobs(&found)
        case .anyOrder: try checkAnyOrder(&found)
        case .writingAgain: try checkWritingAgain(&found)
        case .beginningAgain: try checkBeginningAgain(&found)
        case .nothingBeforeCommit: try checkNothingBeforeCommit(&found)
        case .aborting: try checkAborting(&found)
        case .missing: try checkMissing(&found)
        case .reading: try checkReading(&found)
        case .deleting: try checkDeleting(&found)
        case .removedWhileOpen: try checkRemovedWhileOpen(&found)
        case .listing: try checkListing(&found)
        case .pages: try checkPages(&found)
        case .copying: try checkCopying(&found)
        case .copyingWhatIsNot: try checkCopyingWhatIsNot(&found)
        case .recovering: try checkRecovering(&found)
        case .recoveringThrows: try checkRecoveringThrows(&found)
        case .durableLater: try checkDurableLater(&found)
        case .threads: try checkThreads(&found)
        }
        return found.texts
    }

    /// What was found.
    struct Violations {
        private(set) var texts: [String] = []

        mutating func require(_ isSo: Bool, _ text: String) {
            if !isSo { texts.append(text) }
        }
    }

    // MARK: Blobs to check with

    /// Ids that are in order, in several directories of files.
    static func id(_ number: Int) -> [UInt8] {
        [UInt8(number * 37 % 256)] + [UInt8](repeating: 7, count: 13)
            + [UInt8(number >> 8), UInt8(number & 255)]
    }

    /// Bytes of two parts and a bit, where there are parts; else of some length.
    func bytes(_ seed: Int = 1) -> [UInt8] {
        let minimum = backend.properties.parts?.minimumByteCount ?? 70_000
        let pattern = patternedBytes(min(minimum, 65_536) + 13, seed: UInt64(seed))
        var bytes: [UInt8] = []
        while bytes.count < 2 * minimum + 100 { bytes += pattern }
        return Array(bytes.prefix(2 * minimum + 100))
    }

    /// The pieces in which a blob is written.
    func pieces(_ byteCount: Int, _ plan: BlobPlan) -> [Range<Int>] {
        var pieces: [Range<Int>] = []
        var offset = 0
        while offset < byteCount {
            let end =
                plan.parts.flatMap { parts in
                    parts.index(at: offset).map { parts.range(ofPart: $0).upperBound }
                } ?? offset + 65_552
            pieces.append(offset..<min(end, byteCount))
            offset = pieces[pieces.count - 1].upperBound
        }
        return pieces
    }

    func plan(_ byteCount: Int?, isDurableLater: Bool = false) -> BlobPlan {
        BlobPlan(
            expectedByteCount: byteCount, for: backend.properties, isDurableLater: isDurableLater)
    }

    @discardableResult
    func put(_ bytes: [UInt8], _ objectID: [UInt8]) throws -> [UInt8] {
        let writing = try begin(bytes, objectID)
        try writing.commit(byteCount: bytes.count)
        writing.finish()
        return objectID
    }

    /// Begins a blob and writes all of it.
    func begin(
        _ bytes: [UInt8], _ objectID: [UInt8], isDurableLater: Bool = false
    ) throws -> any BlobWriting {
        let plan = plan(bytes.count, isDurableLater: isDurableLater)
        let writing = try backend.begin(objectID, plan: plan)
        for piece in pieces(bytes.count, plan) {
            try writing.write(bytes.span.extracting(piece), at: piece.lowerBound)
        }
        return writing
    }

    /// The blob's bytes; nil if there is none.
    func get(_ objectID: [UInt8], _ byteCount: Int) throws -> [UInt8]? {
        guard let blob = try backend.open(objectID, byteCount: byteCount) else { return nil }
        return try read(blob, 0..<byteCount + 1)
    }

    /// The bytes that there are of a range; nil if there is no blob.
    func read(_ blob: any BlobReading, _ range: Range<Int>) throws -> [UInt8]? {
        var bytes = [UInt8](repeating: 0xEE, count: range.count)
        var span = bytes.mutableSpan
        do throws(BlobError) {
            let count = try blob.read(into: &span, at: range.lowerBound)
            return Array(bytes.prefix(count))
        } catch {
            guard error.kind == .missing else { throw error }
            return nil
        }
    }

    /// All that is listed, by pages of so many.
    func list(limit: Int = 1000) throws -> [BlobEntry] {
        var entries: [BlobEntry] = []
        var cursor: BlobCursor?
        var pageCount = 0
        repeat {
            let page = try backend.list(after: cursor, limit: limit)
            entries += page.entries
            cursor = page.next
            pageCount += 1
        } while cursor != nil && pageCount < 10_000
        return entries
    }
}

extension BlobConformance {
    // MARK: Writing

    private func checkProperties(_ found: inout Violations) throws {
        let before = backend.properties
        try put(bytes(), Self.id(1))
        found.require(backend.properties == before, "its properties have changed")
        found.require(before.requestsInFlight >= 1, "it takes no call at a time")
    }

    private func checkWholeBlobs(_ found: inout Violations) throws {
        let longest = bytes()
        for (number, byteCount) in [16, 17, 70_000, longest.count].enumerated() {
            let bytes = Array(longest.prefix(byteCount))
            try put(bytes, Self.id(number))
            found.require(
                try get(Self.id(number), byteCount) == bytes, "a blob isn't what was written")
        }
        let whole = backend.properties.parts?.minimumByteCount ?? 65_552
        try put(Array(longest.prefix(whole)), Self.id(9))
        found.require(
            try get(Self.id(9), whole) == Array(longest.prefix(whole)),
            "a blob of one whole part isn't what was written")
    }

    private func checkAnyOrder(_ found: inout Violations) throws {
        let bytes = bytes()
        let plan = plan(nil)
        let writing = try backend.begin(Self.id(1), plan: plan)
        for piece in pieces(bytes.count, plan).reversed() {
            try writing.write(bytes.span.extracting(piece), at: piece.lowerBound)
        }
        try writing.commit(byteCount: bytes.count)
        found.require(
            try get(Self.id(1), bytes.count) == bytes, "what was written from the end is another")
        writing.finish()
        found.require(
            try get(Self.id(1), bytes.count) == bytes, "a blob that was finished is another")
    }

    private func checkWritingAgain(_ found: inout Violations) throws {
        let bytes = bytes()
        let writing = try begin(bytes, Self.id(1))
        for piece in pieces(bytes.count, plan(bytes.count)) {
            try writing.write(bytes.span.extracting(piece), at: piece.lowerBound)
        }
        try writing.commit(byteCount: bytes.count)
        writing.finish()
        found.require(
            try get(Self.id(1), bytes.count) == bytes, "what was written twice is another")
    }

    private func checkBeginningAgain(_ found: inout Violations) throws {
        let (old, new) = (bytes(1), Array(bytes(2).dropLast(50)))
        // Where writers hold locks, one of them ends before the next begins.
        let first = try begin(old, Self.id(1))
        if backend.properties.locksShowWriters { first.abort() }
        try put(new, Self.id(1))
        found.require(
            try get(Self.id(1), new.count) == new, "what was begun again isn't what was written")
    }

    private func checkNothingBeforeCommit(_ found: inout Violations) throws {
        let bytes = bytes()
        let writing = try begin(bytes, Self.id(1))
        settle()
        found.require(
            try get(Self.id(1), bytes.count) == nil, "a blob is there before its commit")
        found.require(try list().isEmpty, "a blob is listed before its commit")
        try writing.commit(byteCount: bytes.count)
        found.require(
            try get(Self.id(1), bytes.count) == bytes, "a blob isn't there after its commit")
        writing.finish()
        settle()
        found.require(
            try list() == [BlobEntry(objectID: Self.id(1), byteCount: bytes.count)],
            "a blob isn't listed after its commit")
    }

    private func checkAborting(_ found: inout Violations) throws {
        let bytes = bytes()
        try begin(bytes, Self.id(1)).abort()
        let committed = try begin(bytes, Self.id(2))
        try committed.commit(byteCount: bytes.count)
        committed.abort()
        settle()
        for number in 1...2 {
            found.require(
                try get(Self.id(number), bytes.count) == nil, "\(number) is there after abort")
        }
        found.require(try list().isEmpty, "what was aborted is listed")
    }

    private func checkDurableLater(_ found: inout Violations) throws {
        let bytes = bytes()
        for number in 1...4 {
            let writing = try begin(bytes, Self.id(number), isDurableLater: true)
            try writing.commit(byteCount: bytes.count)
            if number == 4 { writing.abort() } else { writing.finish() }
        }
        let entries = (1...3).map {
            BlobEntry(objectID: Self.id($0), byteCount: bytes.count)
        }
        found.require(try get(Self.id(4), bytes.count) == nil, "what was aborted is there")
        // Who asks again, or for what was removed, gets the same.
        for _ in 1...2 {
            found.require(
                try backend.makeDurable(Array(entries.prefix(2))).isEmpty,
                "it doesn't vouch for what it has written itself")
        }
        for entry in entries.prefix(2) {
            found.require(
                try get(entry.objectID, bytes.count) == bytes, "what is durable can't be read")
        }
        try backend.delete([Self.id(2), Self.id(3)])
        _ = try backend.makeDurable([entries[2]])
        settle()
        for (number, entry) in entries.enumerated() {
            found.require(
                try get(entry.objectID, bytes.count) == (number == 0 ? bytes : nil),
                "\(number + 1) isn't as it was left")
        }
        found.require(try list() == [entries[0]], "what is durable isn't listed, or what is gone")
    }

    // MARK: Reading

    private func checkMissing(_ found: inout Violations) throws {
        try put(bytes(), Self.id(1))
        do throws(BlobError) {
            let blob = try backend.open(Self.id(2), byteCount: 100)
            let bytes = blob.map { blob in try? read(blob, 0..<100) } ?? nil
            found.require(bytes == nil, "there is something that nobody put")
            if let blob {
                var byte: [UInt8] = [0]
                var span = byte.mutableSpan
                _ = try blob.read(into: &span, at: 0)
            }
        } catch {
            found.require(error.kind == .missing, "what isn't there is \(error.kind)")
            found.require(!error.isTransient, "what isn't there may come")
        }
    }

    private func checkReading(_ found: inout Violations) throws {
        let bytes = bytes()
        try put(bytes, Self.id(1))
        guard let blob = try backend.open(Self.id(1), byteCount: bytes.count) else {
            found.require(false, "a blob can't be opened")
            return
        }
        found.require(blob.byteCount == bytes.count, "a blob has another size")
        let part = backend.properties.parts?.minimumByteCount ?? 65_552
        for range in [0..<1, 0..<16, part - 3..<part + 5, 100..<100, 1..<bytes.count] {
            found.require(try read(blob, range) == Array(bytes[range]), "\(range) is another")
        }
        let end = bytes.count
        found.require(
            try read(blob, end - 5..<end + 5) == Array(bytes.suffix(5)),
            "reading over the end isn't cut there")
        for offset in [end, end + 1, end + 100_000] {
            found.require(
                try read(blob, offset..<offset + 5) == [], "there is something at \(offset)")
        }
        // It is told that there are more than there are.
        let longer = try backend.open(Self.id(1), byteCount: end + 100)
        found.require(
            try longer.flatMap { try read($0, 0..<end + 100) }?.count == end,
            "a blob that is too short isn't told by what can be read")
    }

    private func checkDeleting(_ found: inout Violations) throws {
        let bytes = bytes()
        for number in 1...3 { try put(bytes, Self.id(number)) }
        do throws(BlobError) {
            try backend.delete([Self.id(1), Self.id(2), Self.id(9)])
            try backend.delete([Self.id(1)])
            try backend.delete([])
        } catch {
            found.require(false, "removing what isn't there is an error")
        }
        settle()
        for number in 1...2 {
            found.require(try get(Self.id(number), bytes.count) == nil, "\(number) was removed")
        }
        found.require(try get(Self.id(3), bytes.count) == bytes, "another was removed")
        found.require(try list().map(\.objectID) == [Self.id(3)], "what was removed is listed")
        guard !backend.properties.locksShowWriters else { return }
        let writing = try begin(bytes, Self.id(4))
        try backend.delete([Self.id(4)])
        found.require(
            (try? writing.commit(byteCount: bytes.count)) == nil, "what was begun isn't removed")
    }

    private func checkRemovedWhileOpen(_ found: inout Violations) throws {
        let bytes = bytes()
        try put(bytes, Self.id(1))
        let blob = try backend.open(Self.id(1), byteCount: bytes.count)
        try backend.delete([Self.id(1)])
        let left = try? blob.flatMap { try read($0, 10..<50) }
        if backend.properties.openSurvivesRemoval {
            found.require(left == Array(bytes[10..<50]), "what was open doesn't survive removal")
        } else {
            found.require(left == nil, "what was removed is read, and nobody expects it")
        }
    }

    // MARK: Threads

    private func checkThreads(_ found: inout Violations) throws {
        let threadCount = 4
        let checks = self
        let failures = Box<[String]>([])
        try together(threadCount) { thread in
            let bytes = checks.bytes(thread + 1)
            let plan = checks.plan(bytes.count)
            let id = Self.id(thread)
            let writing = try checks.backend.begin(id, plan: plan)
            let pieces = checks.pieces(bytes.count, plan)
            try together(2) { half in
                for piece in pieces[(half == 0 ? 0 : 1)...].enumerated()
                where piece.offset.isMultiple(of: 2) {
                    let range = piece.element
                    try writing.write(bytes.span.extracting(range), at: range.lowerBound)
                }
            }
            try writing.commit(byteCount: bytes.count)
            writing.finish()
            if try checks.get(id, bytes.count) != bytes {
                failures.update { $0.append("a blob isn't what its threads have written") }
            }
        }
        for text in failures.value { found.require(false, text) }
    }
}
