import Foundation
import Sluice
import SluiceNative
import Synchronization
import TestSupport

/// A backend that behaves as object stores do: uploads of whole parts, no rename, no lock, listings that lag, calls
/// that fail for a moment before or after their effect, and nothing to read once a blob is removed.
final class ObjectStoreDouble: BlobBackend {
    /// How it behaves.
    struct Rules: Sendable {
        /// Those of S3: parts of 5 MiB at least, but for the last, and 10,000 at most.
        var parts = BlobPartLimits(
            minimumByteCount: 5 << 20, maximumByteCount: 5 << 30, maximumCount: 10_000)
        /// How many later changes it takes until a listing shows one.
        var listLag = 3
        /// Of 1,000 calls, how many fail for a moment: half of them after their effect.
        var failuresPerThousand = 0
        var seed: UInt64 = 1
        var latencyMicroseconds = 0
        /// Most keys on a page.
        var pageCount = 1000
        /// What it does wrong.
        var breach: Breach?
    }

    /// A promise of the protocol that shows only where calls fail, and that is broken.
    enum Breach: CaseIterable, Sendable {
        /// What may be tried again is said to be final.
        case saysPermanent
        /// A commit whose answer was lost fails when it is made again.
        case commitsOnce
        /// A part whose answer was lost is kept twice when it is written again.
        case appendsParts
        /// Removing what a lost answer has removed is an error.
        case deletesOnce
    }

    /// What has happened, to be looked at.
    struct Counts: Sendable, Equatable {
        var openUploads = 0
        var objects = 0
        var calls = 0
        var failures = 0
        var reads = 0
        var mostInFlight = 0
    }

    private struct Upload {
        let key: String
        var parts: [Int: [[UInt8]]] = [:]
    }

    private struct State {
        var objects: [String: [[UInt8]]] = [:]
        var uploads: [Int: Upload] = [:]
        var nextUpload = 1
        /// Changes of what is listed, in their order: sizes, or nil for what was removed.
        var changes: [(key: String, byteCount: Int?)] = []
        var randomness: Randomness
        var failuresPerThousand: Int
        var isDown = false
        var callsInFlight = 0
        var counts = Counts()
    }

    let rules: Rules
    private let state: Mutex<State>
    /// Is told of each call before it has its effect, by its name; what a test does there comes first.
    let onCall = Box<(@Sendable (String) -> Void)?>(nil)

    let properties: BlobBackendProperties

    init(_ rules: Rules = Rules()) {
        self.rules = rules
        state = Mutex(
            State(
                randomness: Randomness(seed: rules.seed),
                failuresPerThousand: rules.failuresPerThousand))
        properties = BlobBackendProperties(
            parts: rules.parts, requestsInFlight: 4, openSurvivesRemoval: false,
            listingsLag: rules.listLag > 0, locksShowWriters: false)
    }

    // MARK: For tests

    var counts: Counts {
        state.withLock { state in
            var counts = state.counts
            counts.openUploads = state.uploads.count
            counts.objects = state.objects.count
            return counts
        }
    }

    /// Has every call fail, or no longer.
    func setDown(_ isDown: Bool) { state.withLock { $0.isDown = isDown } }

    /// How many of 1,000 calls fail from now on.
    func setFailures(perThousand count: Int) {
        state.withLock { $0.failuresPerThousand = count }
    }

    /// Removes blobs behind the store's back.
    func lose() { state.withLock { $0.objects = [:] } }

    /// Has so much happen that listings show all that has happened before.
    func settleListings() {
        state.withLock { state in
            for _ in 0..<rules.listLag { state.changes.append(("", nil)) }
        }
    }

    // MARK: The backend

    func begin(_ objectID: [UInt8], plan: BlobPlan) throws(BlobError) -> any BlobWriting {
        guard let parts = plan.parts else { throw BlobError(.refused, "there are parts only") }
        let key = Self.key(objectID)
        let upload = try call("CreateMultipartUpload") { state in
            let id = state.nextUpload
            state.nextUpload += 1
            state.uploads[id] = Upload(key: key)
            return id
        }
        return Writing(store: self, key: key, upload: upload, parts: parts)
    }

    func open(_ objectID: [UInt8], byteCount: Int) throws(BlobError) -> (any BlobReading)? {
        Reading(store: self, key: Self.key(objectID), byteCount: byteCount)
    }

    func delete(_ objectIDs: [[UInt8]]) throws(BlobError) {
        let keys = Set(objectIDs.map(Self.key))
        let isThere = try call("DeleteObjects") { [rules] state in
            let isThere = keys.allSatisfy { state.objects[$0] != nil }
            for key in keys where state.objects.removeValue(forKey: key) != nil {
                state.changes.append((key, nil))
            }
            for (id, upload) in state.uploads where keys.contains(upload.key) {
                state.uploads[id] = nil
            }
            return isThere || rules.breach != .deletesOnce
        }
        guard isThere else { throw BlobError(.failed, "there is none") }
    }

    func list(after cursor: BlobCursor?, limit: Int) throws(BlobError) -> BlobPage {
        let last = cursor?.text ?? ""
        let rest = try call("ListObjectsV2") { [rules] state in
            var sizes: [String: Int] = [:]
            for change in state.changes.dropLast(rules.listLag) {
                sizes[change.key] = change.byteCount
            }
            return sizes.filter { $0.key > last }.sorted { $0.key < $1.key }
        }
        let page = rest.prefix(min(limit, rules.pageCount))
        return BlobPage(
            entries: page.map { BlobEntry(objectID: Self.objectID($0.key), byteCount: $0.value) },
            next: rest.count > page.count ? page.last.map { BlobCursor($0.key) } : nil)
    }

    func recover(
        _ findGarbage: (_ objectIDs: [[UInt8]]) throws(BlobError) -> Set<[UInt8]>
    ) throws(BlobError) {}

    // MARK: Blobs

    private struct Writing: BlobWriting {
        let store: ObjectStoreDouble
        let key: String
        let upload: Int
        let parts: BlobParts

        func write(_ bytes: Span<UInt8>, at offset: Int) throws(BlobError) {
            guard let index = parts.index(at: offset) else {
                throw BlobError(.refused, "EntityTooLarge")
            }
            let range = parts.range(ofPart: index)
            guard range.lowerBound == offset, bytes.count <= range.count else {
                throw BlobError(.refused, "it is no whole part")
            }
            let copy = [UInt8](copying: bytes)
            let isThere = try store.call("UploadPart") { [upload, store] state in
                guard state.uploads[upload] != nil else { return false }
                if store.rules.breach == .appendsParts {
                    state.uploads[upload]?.parts[index + 1, default: []].append(copy)
                } else {
                    state.uploads[upload]?.parts[index + 1] = [copy]
                }
                return true
            }
            guard isThere else { throw BlobError(.failed, "NoSuchUpload") }
        }

        func commit(byteCount: Int) throws(BlobError) {
            let answer = try store.call("CompleteMultipartUpload") { [self] state in
                complete(&state)
            }
            switch answer {
            case nil: break
            case "NoSuchUpload" where store.rules.breach != .commitsOnce:
                // The answer to the first may have been lost.
                let size = try store.call("HeadObject") { [key] state in
                    state.objects[key]?.reduce(0) { $0 + $1.count }
                }
                guard size == byteCount else { throw BlobError(.failed, "NoSuchUpload") }
            case .some(let reason): throw BlobError(.refused, reason)
            }
        }

        private func complete(_ state: inout State) -> String? {
            guard let found = state.uploads[upload] else { return "NoSuchUpload" }
            let numbers = found.parts.keys.sorted()
            guard let last = numbers.last else { return "MalformedXML" }
            let limits = store.rules.parts
            guard last <= limits.maximumCount else { return "InvalidPart" }
            let parts = numbers.flatMap { found.parts[$0] ?? [] }
            guard parts.dropLast().allSatisfy({ $0.count >= limits.minimumByteCount }) else {
                return "EntityTooSmall"
            }
            state.objects[key] = parts
            // Those, too, whose beginning was answered by an error.
            state.uploads = state.uploads.filter { $0.value.key != key }
            state.changes.append((key, parts.reduce(0) { $0 + $1.count }))
            return nil
        }

        func finish() {}

        func abort() {
            // One that fails is tried a few times, and then left to whoever keeps notes.
            for _ in 0..<5 where (try? store.delete([ObjectStoreDouble.objectID(key)])) != nil {
                return
            }
        }
    }

    private struct Reading: BlobReading {
        let store: ObjectStoreDouble
        let key: String
        let byteCount: Int

        func read(into bytes: inout MutableSpan<UInt8>, at offset: Int) throws(BlobError) -> Int {
            let limit = bytes.count
            let found = try store.call("GetObject") { [key] state -> [UInt8]? in
                state.counts.reads += 1
                guard let parts = state.objects[key] else { return nil }
                var bytes: [UInt8] = []
                var start = 0
                for part in parts {
                    let low = max(offset + bytes.count, start)
                    let high = min(offset + limit, start + part.count)
                    if low < high { bytes += part[low - start..<high - start] }
                    start += part.count
                }
                return bytes
            }
            guard let found else { throw BlobError(.missing, "NoSuchKey", place: key) }
            bytes.copyPrefix(of: found.span)
            return found.count
        }
    }

    // MARK: Calls

    /// Makes a call, which may fail for a moment, before its effect or after it.
    private func call<Answer: Sendable>(
        _ name: String, _ body: (inout State) -> Answer
    ) throws(BlobError) -> Answer {
        state.withLock { state in
            state.callsInFlight += 1
            state.counts.mostInFlight = max(state.counts.mostInFlight, state.callsInFlight)
        }
        defer { state.withLock { $0.callsInFlight -= 1 } }
        onCall.value?(name)
        if rules.latencyMicroseconds > 0 { usleep(UInt32(rules.latencyMicroseconds)) }
        let answer: Answer? = state.withLock { state in
            state.counts.calls += 1
            let isFailing = state.randomness.below(1000) < state.failuresPerThousand
            let isBefore = state.isDown || (isFailing && state.randomness.once(in: 2))
            if isFailing || state.isDown { state.counts.failures += 1 }
            guard !isBefore else { return nil }
            let answer = body(&state)
            return isFailing ? nil : answer
        }
        guard let answer else {
            throw BlobError(
                .failed, "\(name): 503 SlowDown", isTransient: rules.breach != .saysPermanent)
        }
        return answer
    }

    private static func key(_ objectID: [UInt8]) -> String {
        objectID.map { byte in
            let text = String(byte, radix: 16)
            return text.count == 1 ? "0" + text : text
        }.joined()
    }

    private static func objectID(_ key: String) -> [UInt8] {
        let digits = Array(key)
        return stride(from: 0, to: digits.count, by: 2).map { index in
            UInt8(String(digits[index...index + 1]), radix: 16) ?? 0
        }
    }
}
