import Foundation
import Sluice
import SluiceNative
import TestSupport

/// What concerns several blobs, or several backends.
extension BlobConformance {
    // MARK: Listing

    func checkListing(_ found: inout Violations) throws {
        found.require(try list().isEmpty, "blobs are listed where there are none")
        let small = patternedBytes(5000)
        for number in 0..<40 { try put(Array(small.prefix(100 + number)), Self.id(number)) }
        settle()
        let expected = (0..<40).map { BlobEntry(objectID: Self.id($0), byteCount: 100 + $0) }
            .sorted { $0.objectID.lexicographicallyPrecedes($1.objectID) }
        found.require(try list() == expected, "a listing isn't all there is, in order")
        try backend.delete([Self.id(7)])
        settle()
        found.require(
            try list() == expected.filter { $0.objectID != Self.id(7) },
            "a listing isn't what is left")
    }

    func checkPages(_ found: inout Violations) throws {
        for number in 0..<25 { try put([UInt8](repeating: 1, count: 50), Self.id(number)) }
        settle()
        let all = try list().map(\.objectID)
        for limit in [1, 2, 7, 25, 26] {
            var seen: [[UInt8]] = []
            var cursor: BlobCursor?
            repeat {
                let page = try backend.list(after: cursor, limit: limit)
                found.require(page.entries.count <= limit, "a page has more than \(limit)")
                seen += page.entries.map(\.objectID)
                cursor = page.next
            } while cursor != nil && seen.count < 1000
            found.require(seen == all, "pages of \(limit) don't make up the whole")
        }
        // What comes and goes between pages changes nothing for the others.
        let first = try backend.list(after: nil, limit: 10)
        if let gone = first.entries.last?.objectID { try backend.delete([gone]) }
        settle()
        let rest = try first.next.map { try backend.list(after: $0, limit: 1000).entries } ?? []
        found.require(
            (first.entries + rest).map(\.objectID) == all, "a page depends on what went before it")
    }

    // MARK: Copying

    func checkCopying(_ found: inout Violations) throws {
        let copies = bytes(3)
        var entries: [BlobEntry] = []
        for number in 0..<5 {
            let bytes = Array(copies.prefix(number == 0 ? copies.count : 1000 * number))
            try put(bytes, Self.id(number))
            entries.append(BlobEntry(objectID: Self.id(number), byteCount: bytes.count))
        }
        let store = try TemporaryDirectory()
        let targets: [any BlobBackend] = [
            MemoryBlobBackend(),
            try FileBlobBackend(store: .open(store.path), durability: .none),
            ObjectStoreDouble(),
        ]
        for target in targets {
            for isSharing in [false, true] {
                var told: [BlobEntry] = []
                try backend.copy(entries, to: target, isSharing: isSharing) { told.append($0) }
                found.require(told == entries, "not each copy is told of, in order")
                let copy = BlobConformance(backend: target)
                for entry in entries {
                    let bytes = try get(entry.objectID, entry.byteCount)
                    found.require(
                        try copy.get(entry.objectID, entry.byteCount) == bytes && bytes != nil,
                        "a copy isn't what was copied")
                }
                try target.delete(entries.map(\.objectID))
            }
        }
        for entry in entries {
            found.require(
                try get(entry.objectID, entry.byteCount)
                    == Array(copies.prefix(entry.byteCount)), "what was copied has changed")
        }
    }

    func checkCopyingWhatIsNot(_ found: inout Violations) throws {
        try put(bytes(), Self.id(1))
        let byteCount = bytes().count
        let there = BlobEntry(objectID: Self.id(1), byteCount: byteCount)
        let wrong: [(BlobEntry, BlobError.Kind)] = [
            (BlobEntry(objectID: Self.id(2), byteCount: 50), .missing),
            (BlobEntry(objectID: Self.id(1), byteCount: byteCount + 1), .damaged),
        ]
        for (entry, kind) in wrong {
            let target = MemoryBlobBackend()
            do throws(BlobError) {
                try backend.copy([entry, there], to: target, isSharing: false) { _ in }
                found.require(false, "a copy of what is \(kind) succeeds")
            } catch {
                found.require(error.kind == kind, "it is \(error.kind), not \(kind)")
            }
            let left = try BlobConformance(backend: target).list()
            found.require(left.isEmpty, "a copying that failed went on")
        }
        let second = try TemporaryDirectory()
        let target = try FileBlobBackend(store: .open(second.path), durability: .none)
        var count = 0
        do throws(BlobError) {
            try backend.copy([there, there], to: target, isSharing: false) {
                _ throws(BlobError) in
                count += 1
                throw BlobError(.ended, "enough")
            }
            found.require(false, "what the handler throws ends nothing")
        } catch {
            found.require(error.kind == .ended && count == 1, "what the handler throws is lost")
        }
    }

    // MARK: Recovering

    /// Ids of blobs whose writers have died: begun, committed, and committed with a row that names it.
    private func abandonSome() throws -> (begun: [UInt8], committed: [UInt8], named: [UInt8]) {
        let bytes = bytes()
        _ = try begin(bytes, Self.id(1))
        for number in 2...3 {
            try begin(bytes, Self.id(number)).commit(byteCount: bytes.count)
        }
        return (Self.id(1), Self.id(2), Self.id(3))
    }

    func checkRecovering(_ found: inout Violations) throws {
        let bytes = bytes()
        let dead = try abandonSome()
        let living = try begin(bytes, Self.id(4))
        var asked: [[UInt8]] = []
        try backend.recover { objectIDs in
            asked += objectIDs
            return Set(objectIDs).subtracting([dead.named])
        }
        found.require(!asked.contains(Self.id(4)), "a writer that lives is taken for dead")
        if backend.properties.locksShowWriters {
            found.require(
                try get(dead.committed, bytes.count) == nil, "garbage is left after recovering")
        }
        found.require(
            try get(dead.named, bytes.count) == bytes, "recovering has removed what is named")
        try living.commit(byteCount: bytes.count)
        living.finish()
        found.require(
            try get(Self.id(4), bytes.count) == bytes, "recovering has hurt a writer that lives")
        var again: [[UInt8]] = []
        try backend.recover { objectIDs in
            again += objectIDs
            return []
        }
        found.require(again.isEmpty, "what was settled has to be settled again")
    }

    func checkRecoveringThrows(_ found: inout Violations) throws {
        let bytes = bytes()
        let dead = try abandonSome()
        var askedCount = 0
        do throws(BlobError) {
            try backend.recover { objectIDs throws(BlobError) in
                askedCount += objectIDs.count
                throw BlobError(.ended, "not now")
            }
            found.require(askedCount == 0, "what the handler throws is lost")
        } catch {
            found.require(error.kind == .ended, "what the handler throws is another")
        }
        found.require(
            try get(dead.committed, bytes.count) == bytes, "what wasn't settled is removed")
        var again: [[UInt8]] = []
        try backend.recover { objectIDs in
            again += objectIDs
            return []
        }
        found.require(again.count == askedCount, "what wasn't settled isn't asked for again")
    }
}
