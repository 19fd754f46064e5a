internal import Sluice

/// What the journal of a process that was killed says must be there.
struct KillRecord {
    /// By number of the pair: what its names can hold.
    var checkers: [Int: LinearizabilityChecker] = [:]
    /// What must be there besides objects, and stays as it is.
    struct Kept<ID: Hashable> {
        /// Their contents.
        var contents: [ID: Int] = [:]
        /// Those that may have gone.
        var doubtful: Set<ID> = []
        /// How many more there may be.
        var moreCount = 0

        /// Notes one that was made; its words are nil if nobody was told.
        mutating func make(_ id: ID?, _ content: Int?) {
            if let id, let content { contents[id] = content } else { moreCount += 1 }
        }

        mutating func end(_ id: ID, isDone: Bool) {
            if isDone { contents[id] = nil } else { doubtful.insert(id) }
        }

        /// What is wrong with what was found.
        func problems(_ found: [ID: Int?], _ what: String) -> [String] {
            var problems: [String] = []
            var unknownCount = 0
            for (id, content) in found {
                guard let expected = contents[id] else {
                    unknownCount += 1
                    continue
                }
                if content != expected { problems.append("the \(what) \(id) has other bytes") }
            }
            let missing = Set(contents.keys).subtracting(found.keys).subtracting(doubtful)
            if !missing.isEmpty { problems.append("\(what)s are missing: \(missing)") }
            if unknownCount > moreCount {
                problems.append(
                    "\(unknownCount) \(what)s that nobody was told of, or that were ended")
            }
            return problems
        }
    }

    var pins = Kept<PinID>()
    /// By the number of the pair and the version's id.
    var snapshots = Kept<String>()
    /// Whether access is taken away; nil if that is not known.
    var isRevoked: Bool? = false
    /// How many versions the key has at least and at most.
    var versionCounts = 1...1
    /// Backups that were acknowledged, and those that were not.
    var backups: [(path: String, isWhole: Bool)] = []
    /// How often something was acknowledged, and how often it was in flight.
    var (acknowledgedCount, inFlightCount) = (0, 0)
    /// What the process itself found.
    var failure: String?

    init() {
        for pair in 0..<KillHome.ownPairCount + KillHome.sharedPairCount {
            checkers[pair] = LinearizabilityChecker()
        }
    }

    /// What no sequential store does.
    var violation: String? { checkers.values.lazy.compactMap(\.violation).first }

    /// Goes on to what one more process did until it died.
    mutating func add(_ journal: [[Substring]]) {
        let ends = journal.filter { ["E", "KE"].contains($0.first) && $0.count > 2 }
        let outcomes = Dictionary(
            ends.map { (String($0[1]), Array($0[2...])) }, uniquingKeysWith: { first, _ in first })
        for line in journal where line.count > 2 || line.first == "F" {
            let words = Array(line.dropFirst(2))
            switch line[0] {
            case "B": begin(Int(line[1]) ?? 0, words, outcomes[String(line[1])])
            case "E": end(Int(line[1]) ?? 0, words)
            case "KB": act(words, outcomes[String(line[1])])
            case "F": failure = line.dropFirst().joined(separator: " ")
            default: break
            }
        }
        for pair in checkers.keys { checkers[pair]?.abandonPending() }
        operations = [:]
    }

    // MARK: Objects

    private var operations: [Int: ObjectOperation] = [:]

    private mutating func begin(_ id: Int, _ words: [Substring], _ outcome: [Substring]?) {
        guard let operation = ObjectOperation(words) else {
            failure = "a line of the journal that can't be read: \(words)"
            return
        }
        if outcome == nil { inFlightCount += 1 } else { acknowledgedCount += 1 }
        guard let steps = operation.steps(outcome.flatMap { ObjectOutcome($0) }) else { return }
        operations[id] = operation
        checkers[operation.pair]?.call(id, steps)
    }

    private mutating func end(_ id: Int, _ words: [Substring]) {
        guard let operation = operations.removeValue(forKey: id) else { return }
        checkers[operation.pair]?.return(
            id, "\(operation.text) came to \(words.joined(separator: " "))")
    }

    // MARK: Keys

    private mutating func act(_ words: [Substring], _ outcome: [Substring]?) {
        guard words.count == 2, let action = KeyAction(rawValue: String(words[0])) else { return }
        if outcome == nil { inFlightCount += 1 } else { acknowledgedCount += 1 }
        let isDone = outcome?.first == "done"
        guard isDone || outcome == nil else { return }
        switch action {
        case .rotate:
            versionCounts =
                versionCounts.lowerBound + (isDone ? 1 : 0)...versionCounts.upperBound + 1
        case .rewrap, .mode: break
        case .pin:
            let made = outcome?.count == 3 ? outcome : nil
            pins.make(made.map { PinID(String($0[1])) }, made.flatMap { Int($0[2]) })
        case .unpin: pins.end(PinID(String(words[1])), isDone: isDone)
        case .snapshot:
            let made = outcome?.count == 3 ? outcome : nil
            snapshots.make(made.map { String($0[1]) }, made.flatMap { Int($0[2]) })
        case .unsnapshot: snapshots.end(String(words[1]), isDone: isDone)
        case .backup: backups.append((String(words[1]), isDone))
        case .revoke: isRevoked = isDone ? true : nil
        case .restore: isRevoked = isDone ? false : nil
        }
    }
}
