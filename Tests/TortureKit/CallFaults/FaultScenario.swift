internal import Sluice
internal import SluiceNative
internal import TestSupport

/// What is done while a system call fails.
enum FaultScenario: Hashable {
    case operation(TrialOperation)
    case revoke(Revocation)
    /// A version of the key is there that the store has yet to take up.
    case takeUp
    case get, verify, list
    /// A store and its vaults are made, and something put.
    case make

    /// All of them, with one in how many of their faults is tried: some make keys, which takes long.
    static let all: [(scenario: FaultScenario, rarity: Int)] =
        TrialOperation.allCases.filter { $0 != .revoke }.map {
            (.operation($0), $0 == .rotate ? 8 : 1)
        } + Revocation.allCases.map { (.revoke($0), 2) }
        + [(.takeUp, 1), (.get, 1), (.verify, 1), (.list, 1), (.make, 4)]

    /// Whether it changes what the store holds, and takes no access away.
    var changesObjects: Bool {
        switch self {
        case .operation, .takeUp: true
        default: false
        }
    }

    /// Does it; `expected` is then what must be there.
    func run(
        _ store: Store, in home: TrialHome, _ expected: inout Expectation
    ) throws {
        var random = Randomness(seed: 7)
        switch self {
        case .operation(let operation): try operation.run(store, in: home, &expected, &random)
        case .revoke(let way):
            try TrialHome.revoke(way, store)
            expected.revocation = way
        case .takeUp, .list:
            let names = Set(try store.list().entries.map(\.name.description))
            guard names == Set(expected.objects.keys) else { throw WrongOutcome("a wrong listing") }
        case .get:
            for (name, content) in expected.objects.sorted(by: { $0.key < $1.key }) {
                let bytes = try store.get(ObjectName(name))
                let wanted = TrialHome.contents[content]
                guard constantTimeEqual(bytes.span, wanted.span) else {
                    throw WrongOutcome("wrong bytes of '\(name)'")
                }
            }
        case .verify:
            let report = try store.verify()
            if let finding = report.damage.first {
                throw WrongOutcome("verify found: \(finding.subject): \(finding.problem)")
            }
            // It goes on behind a scope whose vault can't be read, and tells of that in its report.
            if let refusal = report.unverified.first?.refusal { throw refusal }
        case .make:
            try TrialHome.put(0, "first", store, &expected)
            try TrialHome.put(1, "second", store, &expected)
        }
    }
}

/// An operation said that it had succeeded, and had not.
struct WrongOutcome: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
