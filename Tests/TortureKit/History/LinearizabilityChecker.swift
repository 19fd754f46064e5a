/// Says whether what several callers were told can have come from one pair of registers that does one
/// thing at a time: each operation at some instant between its call and its return.
///
/// It is told of calls and returns in the order in which they happened, and keeps every state that the
/// registers can be in by now, with which of the operations in flight have had their instant (Lowe's
/// just-in-time linearization). A rename has one instant; a copy has two, for it reads and then puts.
/// What it keeps depends on how many operations overlap, not on how many there were.
struct LinearizabilityChecker: Sendable {
    /// Where the registers may be.
    private struct Configuration: Hashable {
        var pair: RegisterPair
        /// A bit for each step in flight that has had its instant, at the step's place.
        var done: UInt64
    }

    private var configurations: Set<Configuration>
    private var steps: [RegisterStep?] = Array(repeating: nil, count: 64)
    /// The places of the steps of each operation that hasn't returned, in order.
    private var pending: [Int: [Int]] = [:]
    /// Operations that can't be explained: after the first nothing more is looked at.
    private(set) var violation: String?
    /// How many operations were looked at.
    private(set) var operationCount = 0
    /// How many states had to be kept at most.
    private(set) var largestConfigurationCount = 1

    /// Registers that hold this at first.
    init(_ pair: RegisterPair = RegisterPair()) {
        configurations = [Configuration(pair: pair, done: 0)]
    }

    /// An operation is called, of which what it came to, or would have come to, is known already.
    ///
    /// - Parameter id: A number that no other operation in flight has.
    mutating func call(_ id: Int, _ operation: [RegisterStep]) {
        precondition(!operation.isEmpty && pending[id] == nil, "no operation, or two of one id")
        var places: [Int] = []
        for step in operation {
            guard let place = steps.firstIndex(of: nil) else {
                preconditionFailure("more operations in flight than can be looked at")
            }
            steps[place] = step
            places.append(place)
        }
        pending[id] = places
    }

    /// An operation returns: it has had its instant. `what` describes it if that can't be.
    mutating func `return`(_ id: Int, _ what: @autoclosure () -> String) {
        guard let places = pending[id], let last = places.last
        else { preconditionFailure("an operation returned that wasn't called") }
        operationCount += 1
        if violation == nil {
            let mask = places.reduce(UInt64(0)) { $0 | 1 << UInt64($1) }
            configurations = Set(
                explore { $0.done & 1 << UInt64(last) != 0 }.enough.map {
                    Configuration(pair: $0.pair, done: $0.done & ~mask)
                })
            largestConfigurationCount = max(largestConfigurationCount, configurations.count)
            if configurations.isEmpty { violation = what() }
        }
        forget(id)
    }

    /// Whoever has called and not been answered is no more: what he called for has happened by now, or
    /// its first half has, or never will.
    mutating func abandonPending() {
        if violation == nil {
            configurations = Set(
                explore { _ in false }.all.map { Configuration(pair: $0.pair, done: 0) })
        }
        for id in Array(pending.keys) { forget(id) }
    }

    private mutating func forget(_ id: Int) {
        for place in pending.removeValue(forKey: id) ?? [] { steps[place] = nil }
    }

    // MARK: Searching

    /// All configurations that steps in flight lead to, and those that are enough, which are not pursued
    /// further.
    private func explore(
        _ isEnough: (Configuration) -> Bool
    ) -> (all: Set<Configuration>, enough: [Configuration]) {
        var all = configurations
        var waiting = Array(configurations)
        var enough: [Configuration] = []
        while let configuration = waiting.popLast() {
            if isEnough(configuration) {
                enough.append(configuration)
                continue
            }
            for places in pending.values {
                guard
                    let place = places.first(where: { configuration.done & 1 << UInt64($0) == 0 }),
                    let pair = steps[place]?.applied(to: configuration.pair)
                else { continue }
                let next = Configuration(
                    pair: pair, done: configuration.done | 1 << UInt64(place))
                if all.insert(next).inserted { waiting.append(next) }
            }
        }
        return (all, enough)
    }
}
