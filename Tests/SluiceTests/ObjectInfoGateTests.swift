import Sluice
import SluiceAccess
import SluiceVault
import Synchronization
import TestSupport
import Testing

@testable import SluiceEngine

/// What is known of an object goes through the gate as its bytes do.
@Suite struct ObjectInfoGateTests {
    private struct Trial: Sendable {
        let store: Store
        let customer: Customer
        let revoke = Box(false)
    }

    /// A store with an object of that size, which has metadata.
    private func trial(_ home: TestHome, byteCount: Int) throws -> Trial {
        let store = try home.open(.fast(workerCount: 1))
        let trial = Trial(store: store, customer: try Customer(store))
        var options = PutOptions()
        options.metadata = ["project": "secret"]
        try store.put(patternedBytes(byteCount), as: "o", options: options)
        return trial
    }

    // a get                  | a revoker
    // -----------------------|---------------------------
    // gives the last part    |
    //                        | takes access away: confirmed
    // gives no metadata      |
    @Test(arguments: [1, 100, 300_000])
    func `a get to a sink gives no metadata after a revocation`(byteCount: Int) throws {
        let home = try TestHome()
        let trial = try trial(home, byteCount: byteCount)
        defer { try? trial.store.close() }
        let error = thrown {
            try trial.store.get(
                "o", to: KeepingSink(),
                progress: { done, total in
                    guard done == total, !trial.revoke.value else { return }
                    trial.revoke.update { $0 = true }
                    try? RevocationKind.policyRemoved.revoke(trial.customer)
                })
        }
        #expect(trial.revoke.value)
        #expect(error?.code == .accessDenied)
    }

    @Test func `an empty object passes the gate, to a sink and to a file`() throws {
        let home = try TestHome()
        let released = Box(0)
        var options = StoreOptions.fast()
        options.seams.onRelease = { if $0 == .done { released.update { $0 += 1 } } }
        let store = try home.open(options)
        defer { try? store.close() }
        try store.put([], as: "o")
        let directory = try TemporaryDirectory()
        for read in [
            { () throws in _ = try store.get("o", to: KeepingSink()) },
            { () throws in _ = try store.get("o", toFileAt: directory.path("o")) },
            { () throws in _ = try store.get("o") },
        ] as [() throws -> Void] {
            released.update { $0 = 0 }
            try read()
            #expect(released.value >= 1)
        }
    }

    @Test func `that there is none, or a range is outside, passes the gate, too`() throws {
        let home = try TestHome()
        let released = Box(0)
        var options = StoreOptions.fast()
        options.seams.onRelease = { if $0 == .done { released.update { $0 += 1 } } }
        let store = try home.open(options)
        defer { try? store.close() }
        try store.put([1], as: "o")
        var absent = PutOptions.with()
        absent.condition = .absent
        for (read, code) in [
            ({ () throws in _ = try store.get("none") }, .notFound),
            ({ () throws in _ = try store.info("none") }, .notFound),
            ({ () throws in _ = try store.get("o", range: .from(5)) }, .invalidRange),
            (
                { () throws in try store.put(patternedBytes(90_000), as: "o", options: absent) },
                .alreadyExists
            ),
        ] as [(() throws -> Void, StoreError.Code)] {
            released.update { $0 = 0 }
            #expect(failure { try read() } == code)
            #expect(released.value == 1)
        }
    }
}
