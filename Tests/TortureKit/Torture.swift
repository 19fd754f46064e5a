/// One kind of violence that a store must survive, at any size.
///
/// The tests run it small, `scripts/torture` at full size; both run the same code.
public protocol Torture: Sendable {
    /// What it is called on the command line, as in `crash-states`.
    static var name: String { get }
    /// What it does, in one line.
    static var summary: String { get }
    /// How many of what it counts the tests ask for, and `scripts/torture`.
    static var counts: (suite: Int, full: Int) { get }

    /// Does it, and says what it found; throws only when it could not be done.
    static func run(_ plan: TorturePlan) throws -> TortureReport
    /// What a process of its own does, which it started with ``TorturePlan/child(_:)``.
    static func child(_ arguments: [String]) throws
}

extension Torture {
    /// Traps: it starts no process of its own.
    public static func child(_ arguments: [String]) throws {
        preconditionFailure("\(name) starts no process")
    }
}

/// All there are, in the order of the table.
public let allTortures: [any Torture.Type] = [
    BarrierTorture.self,
    KillTorture.self,
    LinearizabilityTorture.self,
    NonceReuseTorture.self,
    SweepKillTorture.self,
    CrashStates.self,
    CallFaults.self,
    EveryBit.self,
    CatalogDamage.self,
    FullDisk.self,
    Soak.self,
    FuzzTorture.self,
    RacesTorture.self,
    SecretsTorture.self,
    LifeCycleTorture.self,
    VaultLifeTorture.self,
]
