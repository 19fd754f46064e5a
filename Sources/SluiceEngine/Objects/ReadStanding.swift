internal import SluiceAccess
internal import Synchronization

/// Whether a read may go on, for its workers to look at before each chunk: what they open and write on the way
/// to a release passes no gate.
///
/// A look costs nanoseconds; only if the epoch has moved the vault is asked again. Thread-safe.
final class ReadStanding: Sendable {
    private let gate: ReleaseGate
    private let reading: Mutex<Reading>
    /// Of which the grants are; odd before the first look.
    private let epoch = Atomic<UInt64>(.max)

    /// The standing of a read that has just been granted.
    init(_ reading: consuming sending Reading) {
        gate = reading.gate.gate
        self.reading = Mutex(reading)
    }

    /// Throws ``StoreError/Code/accessDenied`` once the access is taken away.
    @inline(__always)
    func check() throws(StoreError) {
        let now = gate.epoch
        if now == epoch.load(ordering: .relaxed), now & 1 == 0 { return }
        try renew()
    }

    @inline(never)
    private func renew() throws(StoreError) {
        do throws(VaultError) {
            let renewed = try reading.withLock { reading throws(VaultError) in
                try reading.gate.renew(&reading.passage)
                return reading.passage.first.epoch
            }
            epoch.store(renewed, ordering: .relaxed)
        } catch {
            throw StoreError(vault: error, "read")
        }
    }

    /// Releases what was read, through the gate.
    func release<Value: Sendable>(
        through access: KeyAccess, _ act: () throws(StoreError) -> Value
    ) throws(StoreError) -> Value {
        try reading.withLock { reading throws(StoreError) in try access.release(&reading, act) }
    }
}
