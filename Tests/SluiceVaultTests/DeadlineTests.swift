import SluiceAccess
import TestSupport
import Testing

@testable import SluiceVault

@Suite struct DeadlineTests {
    @Test func `none never passes`() throws {
        #expect(!Deadline.none.hasPassed)
        try Deadline.none.check()
    }

    @Test(arguments: [0.0, -1.0, -1e300])
    func `one that is not ahead has passed`(seconds: Double) {
        #expect(
            refusal { () throws(VaultError) in try Deadline.seconds(seconds).check() }
                == .deadlineExceeded)
    }

    @Test(arguments: [60.0, 1e9, 1e300, .infinity])
    func `one that is ahead has not passed`(seconds: Double) throws {
        try Deadline.seconds(seconds).check()
    }

    @Test func `every operation of a key service keeps to it`() throws {
        let vaults = try memoryVaults()
        let key = try vaults.addKnownKey()
        let wrapped = try vaults.wrap(secret, key)
        let past = Deadline.seconds(0)
        let refusals = [
            refusal { () throws(VaultError) in
                try vaults.describe(key, as: .owner, deadline: past)
            },
            refusal { () throws(VaultError) in
                try vaults.authorize(key, for: .get, as: .owner, deadline: past)
            },
            refusal { () throws(VaultError) in
                try vaults.wrap(secret, key, deadline: past)
            },
            refusal { () throws(VaultError) in
                try vaults.unwrap(wrapped.bytes, under: key, as: .owner, deadline: past)
            },
        ]
        #expect(refusals.allSatisfy { $0 == .deadlineExceeded })
    }
}
