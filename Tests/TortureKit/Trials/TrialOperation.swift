internal import Sluice
internal import SluiceNative
internal import Synchronization
internal import TestSupport

/// What is done to a store before it crashes.
enum TrialOperation: String, CaseIterable {
    case putSmall, putLarge, remove, rotate, rewrap, revoke, copy
    /// Of an object's bytes, or of what is said of it.
    case overwrite
    /// A put of a large object that is refused only when all of it is written.
    case refusedPut
    /// Puts by a store that doesn't wait for the disk, and a durable one, which settles them.
    case unsyncedPuts

    /// Does it; `expected` is then what must be there. Refused for want of access, it changes nothing.
    func run(
        _ store: Store, in home: TrialHome, _ expected: inout Expectation,
        _ random: inout Randomness
    ) throws {
        let before = expected
        do {
            try attempt(store, home, &expected, &random)
        } catch {
            guard let code = (error as? StoreError)?.code, before.revocation != nil,
                code == .accessDenied
            else { throw error }
            expected = before
        }
    }

    private func attempt(
        _ store: Store, _ home: TrialHome, _ expected: inout Expectation,
        _ random: inout Randomness
    ) throws {
        let existing = expected.objects.keys.sorted()
        // A sequence of removals may have left none.
        let name = existing.isEmpty ? "small" : existing[random.below(existing.count)]
        let fresh = "\(rawValue)-\(expected.objects.count)-\(random.below(1000))"
        switch self {
        case .putSmall: try TrialHome.put(4, fresh, store, &expected)
        case .putLarge:
            if random.once(in: 2) {
                try TrialHome.upload(5, fresh, store, &expected)
            } else {
                try TrialHome.put(5, fresh, store, &expected)
            }
        case .overwrite:
            if random.once(in: 2), !existing.isEmpty {
                try TrialHome.say(fresh, of: name, store, &expected)
            } else if random.once(in: 2) {
                try TrialHome.put(6 + random.below(2), name, store, &expected)
            } else {
                try TrialHome.upload(7, name, store, &expected)
            }
        case .remove:
            try store.remove(ObjectName(name))
            expected.objects[name] = nil
            expected.said[name] = nil
        case .rotate:
            // A vault can be rotated though the store may not use it, but not a key that is deleted.
            if expected.revocation == .deleted { return }
            try TrialHome.rotate(store, &expected)
        case .rewrap:
            try TrialHome.rewrap(store, &expected, &random)
        case .revoke:
            if expected.revocation != nil { return }
            let way = Revocation.allCases[random.below(Revocation.allCases.count)]
            try TrialHome.revoke(way, store)
            expected.revocation = way
        case .copy:
            try store.copy(ObjectName(name), to: ObjectName(fresh))
            expected.objects[fresh] = expected.objects[name]
            expected.said[fresh] = expected.said[name]
        case .refusedPut:
            try refuse(fresh, store)
            expected.objects[fresh] = 4
        case .unsyncedPuts: try putUnsynced(over: name, fresh, store, home, &expected)
        }
    }

    private func putUnsynced(
        over name: String, _ fresh: String, _ store: Store, _ home: TrialHome,
        _ expected: inout Expectation
    ) throws {
        expected.mayHaveOrphans = true
        let hasty = try home.open(durability: .none)
        do {
            defer { try? hasty.close() }
            try TrialHome.put(7, name, hasty, &expected)
            expected.unsynced.insert("\(fresh)-large")
            try TrialHome.put(5, "\(fresh)-large", hasty, &expected)
            try TrialHome.put(6, "\(fresh)-small", hasty, &expected)
        }
        try TrialHome.put(4, fresh, store, &expected)
    }

    /// Puts a stream whose name is taken while it is read.
    private func refuse(_ name: String, _ store: Store) throws {
        let object = try ObjectName(name)
        var options = TrialHome.putOptions(5)
        options.condition = .absent
        let source = InterruptedSource(TrialHome.contents[5]) {
            try store.put(TrialHome.contents[4], as: object)
        }
        do throws(StoreError) {
            try store.put(from: source, as: object, options: options)
            preconditionFailure("a put replaced what it may not")
        } catch {
            guard error.code == .alreadyExists else { throw error }
        }
    }
}

/// A stream at whose end something happens.
private final class InterruptedSource: ByteSource {
    private let bytes: [UInt8]
    private let offset = Mutex(0)
    private let atEnd: @Sendable () throws -> Void

    init(_ bytes: [UInt8], atEnd: @escaping @Sendable () throws -> Void) {
        self.bytes = bytes
        self.atEnd = atEnd
    }

    func read(into buffer: inout MutableSpan<UInt8>) throws -> Int {
        let start = offset.withLock { $0 }
        let count = min(buffer.count, bytes.count - start)
        if count == 0 {
            try atEnd()
            return 0
        }
        let part = Array(bytes[start..<start + count])
        buffer.copyPrefix(of: part.span)
        offset.withLock { $0 += count }
        return count
    }
}
