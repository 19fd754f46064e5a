internal import SluiceAccess
internal import Synchronization

/// How often each operation had each outcome, since the vaults were opened. Safe from any thread.
final class OperationCounts: Sendable {
    private struct Kind: Hashable {
        let operation: String
        let outcome: String
    }

    private let counts = Mutex<[Kind: Int]>([:])

    func add(_ operation: String, _ outcome: String) {
        counts.withLock { $0[Kind(operation: operation, outcome: outcome), default: 0] += 1 }
    }

    /// All counts, in the order of operations and outcomes.
    var all: [OperationCount] {
        counts.withLock { counts in
            counts.map { kind, count in
                OperationCount(operation: kind.operation, outcome: kind.outcome, count: count)
            }
        }.sorted { ($0.operation, $0.outcome) < ($1.operation, $1.outcome) }
    }
}
