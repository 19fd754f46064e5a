import SluiceVault
import TestSupport
import Testing

@testable import Sluice

/// A store whose keys live does what a few variables do.
@Suite struct LifeCycleModelTests {
    /// What is there, and who may read it.
    private struct Model {
        struct Object: Equatable {
            var bytes: [UInt8]
            var version: Int
        }

        var objects: [Int: Object] = [:]
        var pins: [PinID: [UInt8]] = [:]
        /// The key's versions, and whether each is enabled.
        var isEnabled = [true]
        var isDeleted = false
        /// The version that the scope is pinned to; nil if it follows.
        var pinned: Int?
        var current = 0

        /// Whether the scope can be used; if so it has taken up the newest version that is enabled.
        mutating func enter() -> Bool {
            guard !isDeleted, isEnabled[current] else { return false }
            if pinned == nil, let newest = isEnabled.lastIndex(of: true) { current = newest }
            return true
        }

        /// What a read of an object comes to.
        mutating func refusal(of name: Int) -> StoreError.Code? {
            guard enter() else { return .accessDenied }
            guard let object = objects[name] else { return .notFound }
            return isEnabled[object.version] ? nil : .accessDenied
        }
    }

    private struct Run {
        /// What is open of the one store; which of them does a step is up to chance.
        let stores: [Store]
        var customer: Customer
        var versions: [KeyIdentifier]
        var model = Model()
        var random: Randomness

        private var store: Store { customer.store }

        init(_ stores: [Store], seed: UInt64) throws {
            self.stores = stores
            customer = try Customer(stores[0])
            versions = [customer.first]
            random = Randomness(seed: seed)
        }

        private func name(_ index: Int) throws -> ObjectName { try ObjectName("o/\(index)") }

        mutating func step(_ step: Int) throws {
            customer.store = stores[random.below(stores.count)]
            let index = random.below(8)
            switch random.below(20) {
            case 0..<4: try put(index, step)
            case 4: try remove(index)
            case 5, 6: try copy(index, to: random.below(8), step)
            case 7..<11: try get(index, step)
            case 11: try rotate()
            case 12: try update(step)
            case 13: try rewrap(step)
            case 14: try enable(random.below(versions.count), random.below(3) > 0)
            case 15: try enable(random.below(versions.count), true)
            case 16: try setDeleted(random.below(3) == 0)
            case 17: try setDeleted(false)
            case 18: try pin(index, step)
            default: try unpin()
            }
        }

        // MARK: Objects

        private mutating func put(_ index: Int, _ step: Int) throws {
            let byteCount = random.below(6) == 0 ? 70_000 : random.below(500)
            let bytes = patternedBytes(byteCount, seed: UInt64(step + 1))
            let expected: StoreError.Code? = model.enter() ? nil : .accessDenied
            let code = failure { try store.put(bytes, as: name(index), options: .with()) }
            #expect(code == expected, "step \(step)")
            if expected == nil {
                model.objects[index] = Model.Object(bytes: bytes, version: model.current)
            }
        }

        private mutating func remove(_ index: Int) throws {
            let expected: StoreError.Code? =
                model.enter() ? (model.objects[index] == nil ? .notFound : nil) : .accessDenied
            #expect(failure { try store.remove(name(index)) } == expected)
            if expected == nil { model.objects[index] = nil }
        }

        private mutating func copy(_ index: Int, to target: Int, _ step: Int) throws {
            let expected = model.refusal(of: index)
            let code = failure { try store.copy(name(index), to: name(target)) }
            #expect(code == expected, "step \(step)")
            guard expected == nil, var object = model.objects[index] else { return }
            object.version = model.current
            model.objects[target] = object
        }

        private mutating func get(_ index: Int, _ step: Int) throws {
            let expected = model.refusal(of: index)
            let result = Result { try store.get(name(index)) }
            #expect(failure { try result.get() } == expected, "step \(step)")
            guard expected == nil, let object = model.objects[index] else { return }
            #expect(try result.get() == object.bytes, "step \(step)")
            #expect(
                try store.info(name(index)).keyIdentifier == versions[object.version],
                "step \(step)")
        }

        // MARK: Keys

        private mutating func rotate() throws {
            guard !model.isDeleted, versions.count < 6 else { return }
            versions.append(try customer.rotate())
            model.isEnabled.append(true)
        }

        private mutating func enable(_ version: Int, _ isEnabled: Bool) throws {
            guard !model.isDeleted else { return }
            try customer.enable(versions[version], isEnabled)
            model.isEnabled[version] = isEnabled
        }

        private mutating func setDeleted(_ isDeleted: Bool) throws {
            guard isDeleted != model.isDeleted else { return }
            if isDeleted {
                _ = try store.vaults.deleteKey(customer.key)
            } else {
                _ = try store.vaults.recoverKey(customer.key)
            }
            model.isDeleted = isDeleted
        }

        private mutating func update(_ step: Int) throws {
            let target = random.below(3) == 0 ? nil : random.below(versions.count)
            var expected: StoreError.Code?
            if !model.enter() || target.map({ !model.isEnabled[$0] }) ?? false {
                expected = .accessDenied
            }
            let key = target.map { versions[$0] } ?? customer.key
            let code = failure { try store.updateScope(.default, key: key) }
            #expect(code == expected, "step \(step)")
            guard expected == nil else { return }
            model.pinned = target
            if let target { model.current = target } else { _ = model.enter() }
        }

        private mutating func rewrap(_ step: Int) throws {
            var expected: StoreError.Code? = model.enter() ? nil : .accessDenied
            let olds = model.objects.values.filter { $0.version != model.current }
            if expected == nil, olds.contains(where: { !model.isEnabled[$0.version] }) {
                expected = .accessDenied
            }
            let code = failure { try store.rewrap() }
            #expect(code == expected, "step \(step)")
            if expected == nil {
                for index in model.objects.keys { model.objects[index]?.version = model.current }
            } else if model.enter() {
                // Those before the one that was refused were moved: see which.
                for entry in try store.list().entries {
                    guard case .object(let info) = entry,
                        let index = Int(info.name.description.dropFirst(2)),
                        let old = model.objects[index]
                    else { continue }
                    let version = versions.firstIndex(of: info.keyIdentifier)
                    #expect(
                        version == old.version
                            || (version == model.current && model.isEnabled[old.version]),
                        "step \(step)")
                    model.objects[index]?.version = version ?? old.version
                }
            }
        }

        // MARK: Pins

        private mutating func pin(_ index: Int, _ step: Int) throws {
            let expected = model.refusal(of: index)
            let result = Result { try store.pin(name(index)) }
            #expect(failure { try result.get() } == expected, "step \(step)")
            if expected == nil { model.pins[try result.get().id] = model.objects[index]?.bytes }
        }

        private mutating func unpin() throws {
            guard random.below(2) == 0, let id = model.pins.keys.randomElement(using: &random)
            else { return }
            try store.unpin(id)
            model.pins[id] = nil
        }

        // MARK: At any time

        func checkKeyless(_ step: Int) throws {
            for (id, bytes) in model.pins {
                #expect(try store.get(pinned: id) == bytes, "step \(step)")
            }
            #expect(try store.pins().count == model.pins.count, "step \(step)")
            #expect(try store.objectIDs().count == model.objects.count, "step \(step)")
            var census: [KeyIdentifier: Int] = [:]
            for object in model.objects.values { census[versions[object.version], default: 0] += 1 }
            #expect(try customer.census == census, "step \(step)")
        }

        mutating func checkAll() throws {
            try setDeleted(false)
            for version in versions.indices { try enable(version, true) }
            for (index, object) in model.objects {
                #expect(try store.get(name(index)) == object.bytes)
            }
            #expect(
                try store.list().entries.map(\.name) == model.objects.keys.sorted().map(name))
            #expect(try store.verify().findings == [])
        }
    }

    private func run(_ stores: Store..., steps: Int, seed: UInt64) throws {
        var run = try Run(stores, seed: seed)
        for step in 0..<steps {
            try run.step(step)
            if step % 10 == 0 { try run.checkKeyless(step) }
        }
        try run.checkAll()
    }

    @Test(arguments: 1...4)
    func `hundreds of random steps in memory`(seed: UInt64) throws {
        let store = try Store.inMemory(options: .fast())
        defer { try? store.close() }
        try run(store, steps: 400, seed: seed)
    }

    @Test func `random steps on disk, with a wrapped key for each object`() throws {
        let home = try TestHome()
        var options = StoreOptions.fast()
        options.objectsPerDataKey = 1
        try home.withStore(options) { store throws in try run(store, steps: 250, seed: 9) }
    }

    /// Each has caches, grants and a mapping of the barrier of its own, as two processes have.
    @Test(arguments: 11...13)
    func `stores that are open side by side take turns`(seed: UInt64) throws {
        let home = try TestHome()
        var options = StoreOptions.fast()
        options.objectsPerDataKey = 3
        try home.withStore(options) { first throws in
            try home.withStore(options) { second throws in
                try run(first, second, steps: 300, seed: seed)
            }
        }
    }
}
