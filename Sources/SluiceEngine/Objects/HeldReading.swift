internal import SluiceAccess
internal import Synchronization

/// What a read of several threads goes through the gate with: they look whether it may go on, and one releases what
/// all have made. Thread-safe.
final class HeldReading: Sendable {
    private let gate: ReleaseGate
    private let reading: Mutex<Reading>

    /// A read that has just been granted.
    init(_ reading: consuming sending Reading) {
        gate = reading.gate.gate
        self.reading = Mutex(reading)
    }

    /// Whether the read may go on.
    var standing: ReadStanding { ReadStanding(terms) }

    /// What it is released under.
    private var terms: ReleaseTerms {
        ReleaseTerms(gate) { [self] () throws(VaultError) in
            try reading.withLock { reading throws(VaultError) in
                try reading.gate.renew(&reading.passage)
                return reading.passage.first.epoch
            }
        }
    }

    /// Releases what was read, through the gate.
    func release<Value: Sendable>(
        through access: KeyAccess, _ act: () throws(StoreError) -> Value
    ) throws(StoreError) -> Value {
        try reading.withLock { reading throws(StoreError) in try access.release(&reading, act) }
    }
}
