internal import Sluice
internal import SluiceAccess
internal import SluiceNative
internal import SluiceVault
internal import TestSupport

/// Random sequences of put, overwrite, remove, copy, rotate, update, rewrap, disable, enable, delete,
/// recover and pin, against a model of a few variables: in one store, in two that are open side by side,
/// and in two processes, which take turns by chance. Each has caches and grants of its own, and learns of
/// what another did by the barrier and the catalog alone.
enum LifeCycleTorture: Torture {
    static let name = "life-cycle"
    static let summary =
        "random steps of objects and keys, in one store, two, and two processes, against a model"
    static let counts = (suite: 3_150, full: 100_000)

    private static let stepsOfRun = 350

    static func run(_ plan: TorturePlan) throws -> TortureReport {
        var report = TortureReport()
        var (done, number) = (0, 0)
        while done < plan.count, report.failureCount == 0 {
            let seed = plan.seed &* 1_000_003 &+ UInt64(number)
            let path = "\(plan.directoryPath)/home-\(number)"
            let perKey = [3, 1, 1024][number / 3 % 3]
            let stores = try open(path, number, perKey)
            var participants = stores.map { LifeParticipant.here($0) }
            var process: LifeProcess?
            try prepare(stores[0])
            if number % 3 == 2 {
                let other = try LifeProcess(plan.child(), ["child", name, path, String(perKey)])
                process = other
                participants.append(.elsewhere(other))
            }
            var run = try LifeRun(participants, seed: seed)
            let step = try run.run(stepsOfRun)
            report.count("steps", step)
            report.count(["in one store", "in two stores", "in two processes"][number % 3], step)
            for problem in run.problems {
                report.fail("seed \(plan.seed), run \(number), \(problem)")
            }
            try process?.finish()
            for store in stores { try store.close() }
            try? FileSystem.remove(tree: path)
            done += stepsOfRun
            number += 1
            plan.progress(done)
        }
        return report
    }

    static func child(_ arguments: [String]) throws {
        let store = try Store.open(
            StoreLocation(home: arguments[0]), options: options(Int(arguments[1]) ?? 1))
        try LifeRequest.serve(store)
        try store.close()
    }

    private static func options(_ objectsPerDataKey: Int) -> StoreOptions {
        var options = StoreOptions()
        options.durability = .none
        options.objectsPerDataKey = objectsPerDataKey
        return options
    }

    private static func open(_ path: String, _ number: Int, _ perKey: Int) throws -> [Store] {
        let options = options(perKey)
        if number % 3 == 0 { return [try Store.inMemory(options: options)] }
        return try (0..<(number % 3 == 1 ? 2 : 1)).map { _ in
            try Store.open(StoreLocation(home: path), options: options)
        }
    }

    private static func prepare(_ store: Store) throws {
        _ = try store.vaults.acting(as: .owner).createVault(name: LifeRequest.vault)
        let key = try store.vaults.acting(as: .owner).createKey(
            vault: LifeRequest.vault, name: "key"
        ).key.kid
        _ = try store.vaults.acting(as: .owner).setAccessPolicy(
            vault: LifeRequest.vault, for: store.identity)
        try store.createScope(.default, key: key.versionless)
    }
}

/// A sequence of steps.
private struct LifeRun {
    let participants: [LifeParticipant]
    var random: Randomness
    var model: LifeModel
    var (index, problems): (Int, [String]) = (0, [])

    init(_ participants: [LifeParticipant], seed: UInt64) throws {
        self.participants = participants
        random = Randomness(seed: seed)
        model = LifeModel(versions: [])
        _ = try ask("put 0 1")
        model.versions = [String(try ask("get 0").last ?? "")]
        _ = try ask("remove 0")
    }

    /// Goes on until something is wrong; returns how many steps were done.
    mutating func run(_ count: Int) throws -> Int {
        while index < count, problems.isEmpty {
            try step()
            if index % 10 == 0 { try checkKeyless() }
            index += 1
        }
        if problems.isEmpty { try checkAll() }
        return index
    }

    /// Asks somebody.
    private mutating func ask(_ request: String) throws -> [Substring] {
        try participants[random.below(participants.count)].ask(request)
    }

    /// Asks somebody, and notes it if the answer, or only its first word, isn't what the model says.
    /// Returns the answer if it is that, and `ok`.
    private mutating func expect(
        _ expected: String, _ request: String, isWhole: Bool = false
    ) throws -> [Substring]? {
        let answer = try ask(request)
        let text = answer.joined(separator: " ")
        guard isWhole ? text == expected : answer.first == expected[...] else {
            problems.append(
                "step \(index): '\(request)' came to '\(text)' instead of '\(expected)'")
            return nil
        }
        return answer.first == "ok" ? answer : nil
    }

    private mutating func step() throws {
        let name = random.below(8)
        switch random.below(20) {
        case 0..<4: try put(name)
        case 4:
            let expected = model.enter() ? (model.objects[name] == nil ? "notFound" : "ok") : denied
            if try expect(expected, "remove \(name)") != nil { model.objects[name] = nil }
        case 5, 6: try copy(name, to: random.below(8))
        case 7..<11: try get(name)
        case 11: try rotate()
        case 12: try update()
        case 13: try rewrap()
        case 14: try enable(random.below(model.versions.count), random.below(3) > 0)
        case 15: try enable(random.below(model.versions.count), true)
        case 16: try setDeleted(random.below(3) == 0)
        case 17: try setDeleted(false)
        case 18:
            guard let answer = try expect(model.answer(reading: name), "pin \(name)") else { break }
            model.pins[String(answer[1])] = model.objects[name]?.content
        default:
            guard random.once(in: 2), let id = model.pins.keys.sorted().first else { break }
            if try expect("ok", "unpin \(id)") != nil { model.pins[id] = nil }
        }
    }

    private let denied = "accessDenied"

    // MARK: Objects

    private mutating func put(_ name: Int) throws {
        let content = index + 1
        guard try expect(model.enter() ? "ok" : denied, "put \(name) \(content)") != nil else {
            return
        }
        model.objects[name] = LifeModel.Object(content: content, version: model.current)
    }

    private mutating func copy(_ name: Int, to target: Int) throws {
        let expected = model.answer(reading: name)
        guard try expect(expected, "copy \(name) \(target)") != nil,
            var object = model.objects[name]
        else { return }
        object.version = model.current
        model.objects[target] = object
    }

    private mutating func get(_ name: Int) throws {
        var expected = model.answer(reading: name)
        if expected == "ok", let object = model.objects[name] {
            expected = "ok \(object.content) \(model.versions[object.version])"
        }
        _ = try expect(expected, "get \(name)", isWhole: true)
    }

    // MARK: Keys

    private mutating func rotate() throws {
        guard !model.isDeleted, model.versions.count < 5 else { return }
        guard let answer = try expect("ok", "rotate") else { return }
        model.versions.append(String(answer[1]))
        model.isEnabled.append(true)
    }

    private mutating func enable(_ version: Int, _ isEnabled: Bool) throws {
        guard !model.isDeleted else { return }
        _ = try expect("ok", "\(isEnabled ? "enable" : "disable") \(model.versions[version])")
        model.isEnabled[version] = isEnabled
    }

    private mutating func setDeleted(_ isDeleted: Bool) throws {
        guard isDeleted != model.isDeleted else { return }
        _ = try expect("ok", isDeleted ? "delete" : "recover")
        model.isDeleted = isDeleted
    }

    private mutating func update() throws {
        let target = random.below(3) == 0 ? nil : random.below(model.versions.count)
        let isPermitted = model.enter() && target.map { model.isEnabled[$0] } ?? true
        let key =
            target.map { model.versions[$0] } ?? "https://mine.vault.localhost/keys/key"
        guard try expect(isPermitted ? "ok" : denied, "update \(key)") != nil else { return }
        model.pinned = target
        if let target { model.current = target } else { _ = model.enter() }
    }

    private mutating func rewrap() throws {
        let canEnter = model.enter()
        let isBlocked = model.objects.values.contains {
            $0.version != model.current && !model.isEnabled[$0.version]
        }
        if try expect(canEnter && !isBlocked ? "ok" : denied, "rewrap") != nil {
            for name in model.objects.keys { model.objects[name]?.version = model.current }
        } else if canEnter, problems.isEmpty {
            // Those before the one that was refused were moved: see which.
            for entry in try ask("list").dropFirst() {
                let parts = entry.split(separator: "=", maxSplits: 1)
                guard parts.count == 2, let name = Int(parts[0]), let old = model.objects[name],
                    let version = model.versions.firstIndex(of: String(parts[1]))
                else {
                    problems.append("step \(index): a listing has '\(entry)'")
                    return
                }
                if version != old.version, version != model.current || !model.isEnabled[old.version]
                {
                    problems.append("step \(index): \(name) was moved to \(parts[1])")
                }
                model.objects[name]?.version = version
            }
        }
    }

    // MARK: At any time

    /// What no revocation hinders.
    private mutating func checkKeyless() throws {
        for (id, content) in model.pins.sorted(by: { $0.key < $1.key }) {
            _ = try expect("ok \(content)", "pinned \(id)", isWhole: true)
        }
        _ = try expect("ok \(model.pins.count)", "pins", isWhole: true)
        _ = try expect("ok \(model.objects.count)", "objects", isWhole: true)
        _ = try expect((["ok"] + model.census).joined(separator: " "), "census", isWhole: true)
    }

    private mutating func checkAll() throws {
        try setDeleted(false)
        for version in model.versions.indices { try enable(version, true) }
        _ = model.enter()
        for name in model.objects.keys.sorted() { try get(name) }
        let names = try ask("list").dropFirst().compactMap { $0.split(separator: "=").first }
        if names.compactMap({ Int($0) }) != model.objects.keys.sorted() {
            problems.append("a listing has \(names)")
        }
        _ = try expect("ok", "verify", isWhole: true)
        try checkKeyless()
    }
}
