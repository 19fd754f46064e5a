import Foundation
import Sluice
import SluiceNative
import Synchronization
import TestSupport

/// A backend that breaks one promise of ``BlobBackend``, so that the check of it can be seen to fail.
struct BrokenBlobs: BlobBackend {
    /// What is broken.
    enum Fault: CaseIterable, Sendable {
        case changesProperties, altersBytes, cutsBlobs, losesFirstPiece, appendsPieces,
            keepsOldPieces
        case showsUncommitted, listsUncommitted, showsAborted, removesFinished
        case inventsBlobs, failsForMissing, readsShort, readsBehindEnd, tellsWrongSize
        case keepsDeleted, deletesOthers, failsToDeleteAgain, losesWhatIsOpen, keepsWhatIsBegun
        case dropsEntry, repeatsEntry, disorders, ignoresLimit, listsWrongSizes, countsPlaces
        case tellsOfNoCopy, altersCopies, copiesDamaged, skipsMissing, ignoresCopied
        case recoversLiving, recoversNamed, recoversNothing, swallowsRecovery
        case doubtsItself, dropsLater
        case mixesThreads

        /// The check that must see it.
        var promise: BlobConformance.Promise {
            switch self {
            case .changesProperties: .properties
            case .altersBytes, .cutsBlobs: .wholeBlobs
            case .losesFirstPiece: .anyOrder
            case .appendsPieces: .writingAgain
            case .keepsOldPieces: .beginningAgain
            case .showsUncommitted, .listsUncommitted: .nothingBeforeCommit
            case .showsAborted: .aborting
            case .removesFinished: .anyOrder
            case .inventsBlobs, .failsForMissing: .missing
            case .readsShort, .readsBehindEnd, .tellsWrongSize: .reading
            case .keepsDeleted, .deletesOthers, .failsToDeleteAgain, .keepsWhatIsBegun: .deleting
            case .losesWhatIsOpen: .removedWhileOpen
            case .dropsEntry, .disorders, .listsWrongSizes: .listing
            case .repeatsEntry, .ignoresLimit, .countsPlaces: .pages
            case .tellsOfNoCopy, .altersCopies: .copying
            case .copiesDamaged, .skipsMissing, .ignoresCopied: .copyingWhatIsNot
            case .recoversLiving, .recoversNamed, .recoversNothing: .recovering
            case .swallowsRecovery: .recoveringThrows
            case .doubtsItself, .dropsLater: .durableLater
            case .mixesThreads: .threads
            }
        }
    }

    let base: any BlobBackend
    let fault: Fault
    fileprivate let memory = Memory()

    /// What it keeps between calls.
    fileprivate final class Memory: Sendable {
        let writings = Mutex<[[UInt8]: any BlobWriting]>([:])
        let begun = Mutex<[[UInt8]: Int]>([:])
        let pieces = Mutex<[Int: [UInt8]]>([:])
        let deleted = Mutex<Set<[UInt8]>>([])
        let callCount = Atomic<Int>(0)
    }

    var properties: BlobBackendProperties {
        var properties = base.properties
        let count = memory.callCount.add(1, ordering: .relaxed).newValue
        if fault == .changesProperties, count > 3 { properties.requestsInFlight += 1 }
        if fault == .keepsWhatIsBegun { properties.locksShowWriters = false }
        return properties
    }

    // MARK: Writing

    func begin(_ objectID: [UInt8], plan: BlobPlan) throws(BlobError) -> any BlobWriting {
        let writing = try base.begin(objectID, plan: plan)
        memory.begun.withLock { $0[objectID] = plan.expectedByteCount ?? 100 }
        return Writing(of: self, base: writing, objectID: objectID)
    }

    private final class Writing: BlobWriting {
        private let broken: BrokenBlobs
        private let base: any BlobWriting
        private let objectID: [UInt8]
        private let count = Atomic<Int>(0)
        private let extra = Mutex<[UInt8]>([])
        private let seen = Mutex<Set<Int>>([])

        init(of broken: BrokenBlobs, base: any BlobWriting, objectID: [UInt8]) {
            self.broken = broken
            self.base = base
            self.objectID = objectID
        }

        func write(_ bytes: Span<UInt8>, at offset: Int) throws(BlobError) {
            var copy = [UInt8](copying: bytes)
            let isFirst = count.add(1, ordering: .relaxed).oldValue == 0
            switch broken.fault {
            case .altersBytes: copy[copy.count / 2] ^= 1
            case .losesFirstPiece where isFirst: copy = [UInt8](repeating: 0, count: copy.count)
            case .appendsPieces:
                let isAgain = seen.withLock { !$0.insert(offset).inserted }
                if isAgain { extra.withLock { $0 = copy } }
                copy = isAgain ? copy.map { $0 ^ 1 } : copy
            case .keepsOldPieces:
                copy = broken.memory.pieces.withLock { pieces in
                    guard let old = pieces[offset] else {
                        pieces[offset] = copy
                        return copy
                    }
                    return Array(old.prefix(copy.count))
                }
            case .mixesThreads:
                copy = broken.memory.pieces.withLock { pieces in
                    defer { pieces[copy.count] = copy }
                    return pieces[copy.count] ?? copy
                }
            default: break
            }
            try base.write(copy.span, at: offset)
            if broken.fault == .showsUncommitted {
                try base.commit(byteCount: offset + copy.count)
            }
        }

        func commit(byteCount: Int) throws(BlobError) {
            if broken.fault != .showsUncommitted { try base.commit(byteCount: byteCount) }
            broken.memory.begun.withLock { $0[objectID] = nil }
        }

        func finish() {
            base.finish()
            if broken.fault == .removesFinished { try? broken.base.delete([objectID]) }
        }

        func abort() {
            broken.memory.begun.withLock { $0[objectID] = nil }
            if broken.fault == .showsAborted { base.finish() } else { base.abort() }
        }
    }

    // MARK: Reading

    func open(_ objectID: [UInt8], byteCount: Int) throws(BlobError) -> (any BlobReading)? {
        guard let blob = try base.open(objectID, byteCount: byteCount) else {
            if fault == .failsForMissing { throw BlobError(.failed, "there is none") }
            return fault == .inventsBlobs
                ? Reading(broken: self, base: nil, objectID: objectID) : nil
        }
        return Reading(broken: self, base: blob, objectID: objectID)
    }

    private struct Reading: BlobReading {
        let broken: BrokenBlobs
        let base: (any BlobReading)?
        let objectID: [UInt8]

        var byteCount: Int {
            (base?.byteCount ?? 0) + (broken.fault == .tellsWrongSize ? 1 : 0)
        }

        func read(into bytes: inout MutableSpan<UInt8>, at offset: Int) throws(BlobError) -> Int {
            guard let base else {
                for index in bytes.indices { bytes[index] = 0 }
                return bytes.count
            }
            if broken.fault == .losesWhatIsOpen,
                broken.memory.deleted.withLock({ $0.contains(objectID) })
            {
                throw BlobError(.missing, "it was removed")
            }
            let count = try base.read(into: &bytes, at: offset)
            switch broken.fault {
            case .cutsBlobs: return max(0, count - 1)
            case .readsShort: return min(count, 20_000)
            case .readsBehindEnd: return bytes.count
            default: return count
            }
        }
    }

    // MARK: Removing

    func makeDurable(_ blobs: [BlobEntry]) throws(BlobError) -> [BlobEntry] {
        let doubtful = try base.makeDurable(blobs)
        switch fault {
        case .doubtsItself: return blobs
        case .dropsLater:
            try base.delete(blobs.map(\.objectID))
            return doubtful
        default: return doubtful
        }
    }

    func delete(_ objectIDs: [[UInt8]]) throws(BlobError) {
        memory.deleted.withLock { $0.formUnion(objectIDs) }
        switch fault {
        case .keepsDeleted: return
        case .keepsWhatIsBegun:
            let begun = memory.begun.withLock { Set($0.keys) }
            try base.delete(objectIDs.filter { !begun.contains($0) })
        case .deletesOthers:
            let all = try base.list(after: nil, limit: 1000).entries.map(\.objectID)
            try base.delete(all)
        case .failsToDeleteAgain:
            for id in objectIDs {
                guard try base.open(id, byteCount: 1) != nil else {
                    throw BlobError(.missing, "there is none")
                }
            }
            try base.delete(objectIDs)
        default: try base.delete(objectIDs)
        }
    }

    // MARK: Listing

    func list(after cursor: BlobCursor?, limit: Int) throws(BlobError) -> BlobPage {
        if fault == .countsPlaces {
            // Pages go by how many came before them, which removals change.
            let all = try base.list(after: nil, limit: 100_000).entries
            let start = min(cursor.flatMap { Int($0.text) } ?? 0, all.count)
            let end = min(start + limit, all.count)
            return BlobPage(
                entries: Array(all[start..<end]),
                next: end < all.count ? BlobCursor("\(end)") : nil)
        }
        let page = try base.list(after: cursor, limit: fault == .ignoresLimit ? 100_000 : limit)
        var entries = page.entries
        switch fault {
        case .listsUncommitted:
            entries += memory.begun.withLock { begun in
                begun.map { BlobEntry(objectID: $0.key, byteCount: $0.value) }
            }
        case .dropsEntry: entries = Array(entries.dropLast())
        case .repeatsEntry:
            if cursor != nil, let first = entries.first { entries.insert(first, at: 0) }
        case .disorders: entries.reverse()
        case .listsWrongSizes:
            entries = entries.map {
                BlobEntry(objectID: $0.objectID, byteCount: $0.byteCount + 1)
            }
        default: break
        }
        return BlobPage(entries: entries, next: page.next)
    }

    // MARK: Copying

    func copy(
        _ blobs: [BlobEntry], to target: any BlobBackend, isSharing: Bool,
        _ copied: (BlobEntry) throws(BlobError) -> Void
    ) throws(BlobError) {
        var blobs = blobs
        switch fault {
        case .skipsMissing:
            var there: [BlobEntry] = []
            for blob in blobs where try base.open(blob.objectID, byteCount: 1) != nil {
                there.append(blob)
            }
            blobs = there
        case .copiesDamaged:
            var there: [BlobEntry] = []
            for blob in blobs {
                let size = try base.open(blob.objectID, byteCount: 1)?.byteCount
                there.append(
                    BlobEntry(objectID: blob.objectID, byteCount: size ?? blob.byteCount))
            }
            blobs = there
        default: break
        }
        try base.copy(blobs, to: target, isSharing: isSharing) { blob throws(BlobError) in
            switch fault {
            case .tellsOfNoCopy: return
            case .ignoresCopied: try? copied(blob)
            default: try copied(blob)
            }
        }
        guard fault == .altersCopies, let blob = blobs.last else { return }
        try target.delete([blob.objectID])
        let plan = BlobPlan(expectedByteCount: 5, for: target.properties)
        let writing = try target.begin(blob.objectID, plan: plan)
        try writing.write([1, 2, 3, 4, 5].span, at: 0)
        try writing.commit(byteCount: 5)
        writing.finish()
    }

    // MARK: Recovering

    func recover(
        _ findGarbage: (_ objectIDs: [[UInt8]]) throws(BlobError) -> Set<[UInt8]>
    ) throws(BlobError) {
        switch fault {
        case .recoversNothing: return
        case .recoversLiving:
            let begun = memory.begun.withLock { Array($0.keys) }
            if !begun.isEmpty { _ = try findGarbage(begun) }
            try base.recover(findGarbage)
        case .recoversNamed:
            try base.recover { objectIDs throws(BlobError) in
                _ = try findGarbage(objectIDs)
                return Set(objectIDs)
            }
        case .swallowsRecovery:
            try base.recover { objectIDs throws(BlobError) in
                do throws(BlobError) {
                    return try findGarbage(objectIDs)
                } catch {
                    return Set(objectIDs)
                }
            }
        default: try base.recover(findGarbage)
        }
    }
}
