import SluiceAccess
import SluiceNative
import Synchronization
import TestSupport
import Testing

@testable import SluiceVault

/// A machine's clocks: time passes on both, the wall's is put, and the machine is booted.
final class MachineClock: SettableClock {
    private struct State {
        var wallSeconds = 1_767_225_600
        var secondsSinceBoot = 100
        var boot = 1
    }

    private let state = Mutex(State())

    func nowMilliseconds() -> Int { state.withLock { $0.wallSeconds * 1000 } }

    func bootMoment() -> BootMoment? {
        state.withLock {
            BootMoment(
                wallSeconds: $0.wallSeconds, secondsSinceBoot: $0.secondsSinceBoot,
                boot: "boot-\($0.boot)")
        }
    }

    func pass(seconds: Int) {
        state.withLock {
            $0.wallSeconds += seconds
            $0.secondsSinceBoot += seconds
        }
    }

    func put(bySeconds seconds: Int) { state.withLock { $0.wallSeconds += seconds } }

    func boot() {
        state.withLock {
            $0.secondsSinceBoot = 10
            $0.boot += 1
        }
    }
}

@Suite struct ClockJumpTests {
    let clock = MachineClock()
    let vaults: VaultDirectory
    let key: KeyIdentifier

    init() throws {
        vaults = try VaultDirectory.inMemory(
            clock: clock, library: CryptoLibrary.load(requireFIPS: false))
        _ = try vaults.acting(as: .owner).createVault(name: "default")
        key = try vaults.addKnownKey()
    }

    /// Any change of the vault.
    private func write() throws { try vaults.permit(.get) }

    private func recoverRefusal() -> VaultError.Code? {
        refusal { () throws(VaultError) in try vaults.acting(as: .owner).recoverKey(key.versionless)
        }
    }

    @Test func `a clock that was ahead once destroys no key`() throws {
        let wrapped = try vaults.wrap(secret, key)
        _ = try vaults.acting(as: .owner).deleteKey(key.versionless)
        clock.put(bySeconds: days(91))
        try write()
        #expect(try vaults.acting(as: .owner).deletedKeys(vault: "default").isEmpty)
        #expect(recoverRefusal() == .keyNotFound)
        clock.put(bySeconds: -days(91))
        #expect(recoverRefusal() == nil)
        #expect(try vaults.unwrap(wrapped) == secret)
    }

    @Test func `nor a version, nor a vault`() throws {
        let second = try vaults.addKnownKey()
        _ = try vaults.acting(as: .owner).deleteKey(second)
        _ = try vaults.acting(as: .owner).createVault(name: "other")
        _ = try vaults.acting(as: .owner).deleteVault("other")
        clock.put(bySeconds: days(91))
        try write()
        #expect(try vaults.acting(as: .owner).deletedVaults().isEmpty)
        _ = try vaults.acting(as: .owner).createVault(name: "third")
        // The name isn't free while somebody may come back under it.
        #expect(
            refusal { () throws(VaultError) in
                try vaults.acting(as: .owner).createVault(name: "other")
            }
                == .vaultDeleted)
        clock.put(bySeconds: -days(91))
        _ = try vaults.acting(as: .owner).recoverKey(second)
        _ = try vaults.acting(as: .owner).recoverVault("other")
        #expect(try vaults.acting(as: .owner).key(second).key.kid == second)
    }

    @Test func `the name of a hidden key is taken`() throws {
        _ = try vaults.acting(as: .owner).deleteKey(key.versionless)
        clock.put(bySeconds: days(91))
        #expect(refusal { () throws(VaultError) in try vaults.addKnownKey() } == .keyDeleted)
        #expect(
            refusal { () throws(VaultError) in
                try vaults.acting(as: .owner).rotateKey(vault: "default", name: "k")
            }
                == .keyNotFound)
        clock.put(bySeconds: -days(91))
        _ = try vaults.acting(as: .owner).recoverKey(key.versionless)
        #expect(
            try vaults.acting(as: .owner).keyVersions(vault: "default", name: "k").map(\.kid) == [
                key
            ])
    }

    @Test func `when its time has really come it goes, and its name is free`() throws {
        _ = try vaults.acting(as: .owner).deleteKey(key.versionless)
        clock.pass(seconds: days(90))
        try write()
        clock.put(bySeconds: -days(91))
        #expect(recoverRefusal() == .keyNotFound)
        clock.put(bySeconds: days(91))
        let again = try vaults.addKnownKey()
        #expect(
            try vaults.acting(as: .owner).keyVersions(vault: "default", name: "k").map(\.kid) == [
                again
            ])
    }

    @Test(arguments: [(0, true), (3600, true), (3601, false)])
    func `a clock that is put forward by an hour is believed`(by seconds: Int, isBelieved: Bool)
        throws
    {
        _ = try vaults.acting(as: .owner).deleteKey(key.versionless)
        clock.pass(seconds: days(90) - seconds)
        clock.put(bySeconds: seconds)
        try write()
        clock.put(bySeconds: -seconds - 1)
        #expect((recoverRefusal() == .keyNotFound) == isBelieved)
    }

    @Test(arguments: [days(1) - 11, days(1) - 10])
    func `over a boot a clock is believed after a day`(uptime: Int) throws {
        _ = try vaults.acting(as: .owner).deleteKey(key.versionless)
        clock.put(bySeconds: days(200))
        clock.boot()
        clock.pass(seconds: uptime)
        // The first change notes the time.
        try write()
        try write()
        clock.put(bySeconds: -days(200))
        #expect((recoverRefusal() == .keyNotFound) == (uptime + 10 >= days(1)))
    }

    @Test func `one jump in a new boot is not believed by what it notes itself`() throws {
        _ = try vaults.acting(as: .owner).deleteKey(key.versionless)
        clock.boot()
        clock.pass(seconds: days(2))
        clock.put(bySeconds: days(91))
        try write()
        clock.put(bySeconds: -days(91))
        #expect(recoverRefusal() == nil)
    }

    @Test func `a clock that was put back shortens no retention`() throws {
        clock.put(bySeconds: -days(1000))
        let deleted = try vaults.acting(as: .owner).deleteKey(key.versionless).result
        clock.put(bySeconds: days(1000))
        try write()
        #expect(deleted.scheduledPurgeDate == clock.nowSeconds() + days(90))
        #expect(recoverRefusal() == nil)
    }

    @Test func `what is hidden can be purged if nothing protects it`() throws {
        _ = try vaults.acting(as: .owner).createVault(name: "loose", isPurgeProtected: false)
        let loose = try vaults.addKnownKey(vault: "loose")
        for key in [loose, key] { _ = try vaults.acting(as: .owner).deleteKey(key.versionless) }
        clock.put(bySeconds: days(91))
        _ = try vaults.acting(as: .owner).purgeKey(loose.versionless)
        #expect(
            refusal { () throws(VaultError) in
                try vaults.acting(as: .owner).purgeKey(key.versionless)
            } == .keyDeleted
        )
        clock.put(bySeconds: -days(91))
        #expect(
            refusal { () throws(VaultError) in
                try vaults.acting(as: .owner).recoverKey(loose.versionless)
            }
                == .keyNotFound)
        #expect(recoverRefusal() == nil)
    }

    @Test func `a rotation by a clock that was ahead holds up no later one`() throws {
        _ = try vaults.acting(as: .owner).setRotationPolicy(
            RotationPolicy(rotateAfterCreate: .days(90)), vault: "default", name: "k")
        func count() throws -> Int {
            try vaults.acting(as: .owner).keyVersions(vault: "default", name: "k").count
        }
        #expect(try count() == 1)
        clock.put(bySeconds: days(10_000))
        for _ in 0..<3 { #expect(try count() == 2) }
        clock.put(bySeconds: -days(10_000))
        for _ in 0..<3 { #expect(try count() == 3) }
        clock.pass(seconds: days(90))
        #expect(try count() == 4)
    }

    @Test func `a version that was noted to expire by a clock that was ahead is noted again`()
        throws
    {
        let expires = clock.nowSeconds() + days(365)
        _ = try vaults.acting(as: .owner).updateKey(key, KeyChanges(expiresSeconds: expires))
        func notes() throws -> Int {
            _ = try vaults.acting(as: .owner).keyVersions(vault: "default", name: "k")
            return try vaults.acting(as: .owner).operations(vault: "default").records
                .count { $0.operation == "nearExpiry" }
        }
        clock.put(bySeconds: days(350))
        for _ in 0..<2 { #expect(try notes() == 1) }
        clock.put(bySeconds: -days(350))
        #expect(try notes() == 1)
        clock.pass(seconds: days(340))
        for _ in 0..<2 { #expect(try notes() == 2) }
    }

    @Test(arguments: [-300_000_000_000, 253_402_300_800, Int.max / 1000, Int.min / 1000])
    func `a time that can't be is refused`(seconds: Int) throws {
        let clock = ManualClock()
        let vaults = try memoryVaults(clock: clock)
        let key = try vaults.addKnownKey()
        let impossible = ManualClock(milliseconds: seconds * 1000)
        let others = try VaultDirectory.inMemory(
            clock: impossible, library: CryptoLibrary.load(requireFIPS: false))
        #expect(
            refusal { () throws(VaultError) in
                try others.acting(as: .owner).createVault(name: "abc")
            }
                == .unreasonableClock)
        clock.advance(bySeconds: seconds / 2 - clock.nowSeconds())
        clock.advance(bySeconds: seconds - seconds / 2)
        let codes = [
            refusal { () throws(VaultError) in try vaults.acting(as: .owner).key(key) },
            refusal { () throws(VaultError) in try vaults.wrap(secret, key) },
            refusal { () throws(VaultError) in try vaults.acting(as: .owner).deleteKey(key) },
            refusal { () throws(VaultError) in try vaults.acting(as: .owner).deleteVault("default")
            },
            refusal { () throws(VaultError) in
                try vaults.acting(as: .owner).rotateKey(vault: "default", name: "k")
            },
        ]
        #expect(codes.allSatisfy { $0 == .unreasonableClock }, "\(codes)")
    }

    @Test(arguments: [-1, 253_402_300_800, Int.max, Int.min])
    func `a date that can't be is refused`(seconds: Int) throws {
        for settings in [
            KeySettings(notBeforeSeconds: seconds), KeySettings(expiresSeconds: seconds),
        ] {
            #expect(
                refusal { () throws(VaultError) in try vaults.addKnownKey(settings: settings) }
                    == .invalidArgument)
        }
        #expect(
            refusal { () throws(VaultError) in
                try vaults.acting(as: .owner).updateKey(key, KeyChanges(expiresSeconds: seconds))
            } == .invalidArgument)
    }

    @Test func `the machine tells how long ago it was booted, and which boot it is`() throws {
        let clock = SystemClock()
        let moment = try #require(clock.bootMoment())
        #expect(moment.isPlausible(since: moment))
        #expect(moment.boot.count == 36)
        #expect(moment.secondsSinceBoot > 0)
        #expect(try #require(clock.bootMoment()).isPlausible(since: moment))
    }
}
