internal import Sluice

/// What the journal of a process that was killed says must be there.
struct KillRecord {
    /// By number of the pair: what its names can hold.
    var checkers: [Int: LinearizabilityChecker] = [:]
    /// The pins that must be there, and their contents.
    var pins: [PinID: Int] = [:]
    /// Pins that may have gone.
    var doubtfulPins: Set<PinID> = []
    /// How many more pins there may be.
    var morePinCount = 0
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
            if let outcome, outcome.count == 3, let content = Int(outcome[2]) {
                pins[PinID(String(outcome[1]))] = content
            } else {
                morePinCount += 1
            }
        case .unpin:
            let id = PinID(String(words[1]))
            if isDone { pins[id] = nil } else { doubtfulPins.insert(id) }
        case .backup: backups.append((String(words[1]), isDone))
        case .revoke: isRevoked = isDone ? true : nil
        case .restore: isRevoked = isDone ? false : nil
        }
    }
}
