internal import SluiceAccess
internal import SluiceNative

/// Notes what was asked of the vaults and what came of it, in each vault's log and in counts; and is where calls
/// meet the faults that tests have asked for.
final class OperationJournal: Sendable {
    let faults = VaultFaults()

    private let clock: any VaultClock
    private let vaults: OpenVaults
    private let counts = OperationCounts()

    init(_ context: VaultContext, _ vaults: OpenVaults) {
        clock = context.clock
        self.vaults = vaults
    }

    /// How often each operation had each outcome.
    var operationCounts: [OperationCount] { counts.all }

    /// Runs an operation, or the fault that a test has put in its place, and notes what came of it.
    ///
    /// - Parameter used: The key that a result is about, with its version.
    func recording<Result>(
        _ operation: KeyOperation, on key: KeyIdentifier?, in vault: String,
        as identity: Identity, used: (Result) -> KeyIdentifier? = { _ in nil },
        _ body: () throws(VaultError) -> Result
    ) throws(VaultError) -> Result {
        try recording(operation.rawValue, on: key, in: vault, as: identity, used: used) {
            () throws(VaultError) in
            try faults.meet(operation, .none)
            return try body()
        }
    }

    /// Runs an operation on a vault, and notes what came of it.
    func recording<Result>(
        _ operation: String, on key: KeyIdentifier? = nil, in vault: String,
        as identity: Identity, used: (Result) -> KeyIdentifier? = { _ in nil },
        _ body: () throws(VaultError) -> Result
    ) throws(VaultError) -> Result {
        do throws(VaultError) {
            let result = try body()
            record(operation, on: used(result) ?? key, in: vault, as: identity, nil)
            return result
        } catch {
            record(operation, on: key, in: vault, as: identity, error.code)
            throw error
        }
    }

    /// Notes what came of an operation, in the log too if there is a vault to have one.
    func record(
        _ operation: String, on key: KeyIdentifier?, in vault: String, as identity: Identity,
        _ code: VaultError.Code?
    ) {
        record(
            operation, on: key, as: identity, code, in: (try? vaults.vault(named: vault))?.log)
    }

    /// Notes what came of an operation in a log that is at hand.
    func record(
        _ operation: String, on key: KeyIdentifier?, as identity: Identity,
        _ code: VaultError.Code?, in log: OperationLog?
    ) {
        let record = OperationRecord(
            timeMilliseconds: clock.nowMilliseconds(), identity: identity.objectID,
            operation: operation, key: key, outcome: code?.rawValue ?? OperationRecord.succeeded)
        counts.add(record.operation, record.outcome)
        log?.append(record)
    }
}
