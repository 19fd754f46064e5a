import SluiceAccess
import SluiceNative
import TestSupport
import Testing

@testable import SluiceVault

@Suite struct AccessPolicyTests {
    let clock = ManualClock()
    let vaults: VaultDirectory
    let key: KeyIdentifier

    init() throws {
        vaults = try memoryVaults(clock: clock)
        key = try vaults.addKnownKey()
    }

    @Test func `an identity may do what its policy permits and nothing else`() throws {
        try vaults.permit(.wrapKey)
        for operation in KeyOperation.ofKeys + [.get] {
            let expected: VaultError.Code? = operation == .wrapKey ? nil : .accessDenied
            #expect(vaults.authorizeRefusal(key, operation) == expected)
        }
        let wrapped = try vaults.wrap(secret, key, as: someone)
        #expect(
            refusal { () throws(VaultError) in
                try vaults.unwrap(wrapped.bytes, under: key, as: someone, deadline: .none)
            } == .accessDenied)
        #expect(
            refusal { () throws(VaultError) in
                try vaults.describe(key, as: someone, deadline: .none)
            } == .accessDenied)
    }

    /// Each operation of a vault as `someone`; refused for lack of permission or not.
    private func outcome(of operation: KeyOperation) -> VaultError.Code? {
        refusal { () throws(VaultError) in
            switch operation {
            case .get: _ = try vaults.acting(as: someone).key(key)
            case .list:
                _ = try vaults.acting(as: someone).keys(vault: "default")
                _ = try vaults.acting(as: someone).keyVersions(vault: "default", name: "k")
                _ = try vaults.acting(as: someone).deletedKeys(vault: "default")
            case .create: _ = try vaults.acting(as: someone).createKey(vault: "default", name: "c")
            case .import:
                let pem = Array(Vectors.pkcs8.utf8)
                _ = try vaults.acting(as: someone).importKey(
                    vault: "default", name: "i", pem: pem.span)
            case .update: _ = try vaults.acting(as: someone).updateKey(key, KeyChanges())
            case .rotate: _ = try vaults.acting(as: someone).rotateKey(vault: "default", name: "k")
            case .getRotationPolicy:
                _ = try vaults.acting(as: someone).rotationPolicy(vault: "default", name: "k")
            case .setRotationPolicy:
                _ = try vaults.acting(as: someone).setRotationPolicy(
                    RotationPolicy(), vault: "default", name: "k")
            case .delete: _ = try vaults.acting(as: someone).deleteKey(key)
            case .recover: _ = try vaults.acting(as: someone).recoverKey(key)
            default: _ = try vaults.acting(as: someone).purgeKey(key)
            }
        }
    }

    @Test func `managing keys takes the permission for each operation`() throws {
        let operations: [(KeyOperation, VaultError.Code?)] = [
            (.get, nil), (.list, nil), (.create, nil), (.import, nil), (.update, nil),
            (.rotate, nil), (.getRotationPolicy, nil), (.setRotationPolicy, nil), (.delete, nil),
            (.purge, .purgeProtected), (.recover, nil),
        ]
        for (operation, allowed) in operations {
            _ = try vaults.acting(as: .owner).setAccessPolicy(
                vault: "default", for: someone,
                permissions: KeyOperation.allCases.filter { $0 != operation })
            #expect(outcome(of: operation) == .accessDenied, "\(operation)")
            try vaults.permit(operation)
            #expect(outcome(of: operation) == allowed, "\(operation)")
        }
    }

    @Test func `setting a policy replaces the one there was`() throws {
        try vaults.permit(.get, .wrapKey)
        try vaults.permit(.unwrapKey)
        #expect(vaults.authorizeRefusal(key, .wrapKey) == .accessDenied)
        #expect(vaults.authorizeRefusal(key, .unwrapKey) == nil)
        let policies = try vaults.acting(as: .owner).vault("default").properties.accessPolicies
        #expect(policies.map(\.permissions.keys) == [[.unwrapKey]])
    }

    @Test func `deleting a policy takes the access that it gave`() throws {
        try vaults.permit(.unwrapKey)
        #expect(vaults.authorizeRefusal(key, .unwrapKey) == nil)
        let change = try vaults.acting(as: .owner).deleteAccessPolicy(
            vault: "default", for: someone)
        #expect(change.result.properties.accessPolicies.isEmpty)
        #expect(vaults.authorizeRefusal(key, .unwrapKey) == .accessDenied)
        #expect(
            refusal { () throws(VaultError) in
                try vaults.acting(as: .owner).deleteAccessPolicy(vault: "default", for: someone)
            } == .policyNotFound)
    }

    @Test func `each identity and each vault has a policy of its own`() throws {
        _ = try vaults.acting(as: .owner).createVault(name: "other")
        let elsewhere = try vaults.addKnownKey(vault: "other")
        let other = Identity(objectID: "other")
        try vaults.permit(.get)
        _ = try vaults.acting(as: .owner).setAccessPolicy(
            vault: "default", for: other, permissions: [.unwrapKey])
        #expect(vaults.authorizeRefusal(key, .get) == nil)
        #expect(vaults.authorizeRefusal(key, .get, as: other) == .accessDenied)
        #expect(vaults.authorizeRefusal(key, .unwrapKey, as: other) == nil)
        #expect(vaults.authorizeRefusal(elsewhere, .get) == .accessDenied)
    }

    @Test func `object ids that differ in case are one`() throws {
        _ = try vaults.acting(as: .owner).setAccessPolicy(
            vault: "default", for: Identity(objectID: "ABC"), permissions: [.get])
        #expect(vaults.authorizeRefusal(key, .get, as: Identity(objectID: "abc")) == nil)
    }

    @Test(arguments: ["owner", "OWNER", "", "a b", "a\"b", String(repeating: "x", count: 129)])
    func `a policy for what is no identity is refused`(objectID: String) {
        #expect(
            refusal { () throws(VaultError) in
                try vaults.acting(as: .owner).setAccessPolicy(
                    vault: "default", for: Identity(objectID: objectID), permissions: [])
            } == .invalidArgument)
    }

    @Test func `only the owner manages vaults, policies and identities`() throws {
        _ = try vaults.acting(as: .owner).setAccessPolicy(
            vault: "default", for: someone, permissions: KeyOperation.allCases)
        let codes = [
            refusal { () throws(VaultError) in
                try vaults.acting(as: someone).setAccessPolicy(
                    vault: "default", for: someone, permissions: [])
            },
            refusal { () throws(VaultError) in
                try vaults.acting(as: someone).deleteAccessPolicy(vault: "default", for: someone)
            },
            refusal { () throws(VaultError) in
                try vaults.acting(as: someone).setIdentity(someone, isEnabled: true)
            },
            refusal { () throws(VaultError) in
                try vaults.acting(as: someone).createVault(name: "abc")
            },
            refusal { () throws(VaultError) in try vaults.acting(as: someone).vault("default") },
            refusal { () throws(VaultError) in try vaults.acting(as: someone).vaults() },
            refusal { () throws(VaultError) in try vaults.acting(as: someone).deletedVaults() },
            refusal { () throws(VaultError) in try vaults.acting(as: someone).deleteVault("default")
            },
            refusal { () throws(VaultError) in
                try vaults.acting(as: someone).recoverVault("default")
            },
            refusal { () throws(VaultError) in try vaults.acting(as: someone).purgeVault("default")
            },
            refusal { () throws(VaultError) in
                try vaults.acting(as: someone).enablePurgeProtection(vault: "default")
            },
            refusal { () throws(VaultError) in
                try vaults.acting(as: someone).operations(vault: "default")
            },
        ]
        #expect(codes.allSatisfy { $0 == .accessDenied })
        #expect(vaults.authorizeRefusal(key, .get) == nil)
    }
}

@Suite struct IdentityTests {
    let vaults: VaultDirectory
    let key: KeyIdentifier

    init() throws {
        vaults = try memoryVaults()
        key = try vaults.addKnownKey()
        try vaults.permit(.get, .wrapKey, .unwrapKey)
    }

    @Test func `an identity that is switched off gets at nothing until it is on again`() throws {
        #expect(try vaults.isEnabled(someone))
        let wrapped = try vaults.wrap(secret, key, as: someone)
        _ = try vaults.acting(as: .owner).setIdentity(someone, isEnabled: false)
        #expect(try !vaults.isEnabled(someone))
        #expect(vaults.authorizeRefusal(key, .unwrapKey) == .identityDisabled)
        #expect(
            refusal { () throws(VaultError) in try vaults.acting(as: someone).keys(vault: "default")
            }
                == .identityDisabled)
        #expect(
            refusal { () throws(VaultError) in
                try vaults.acting(as: someone).setIdentity(someone, isEnabled: true)
            } == .identityDisabled)
        _ = try vaults.acting(as: .owner).setIdentity(someone, isEnabled: true)
        #expect(
            try vaults.unwrap(wrapped.bytes, under: key, as: someone, deadline: .none).array()
                == secret)
    }

    @Test func `others are not touched`() throws {
        _ = try vaults.acting(as: .owner).setIdentity(Identity(objectID: "other"), isEnabled: false)
        #expect(vaults.authorizeRefusal(key, .unwrapKey) == nil)
        #expect(vaults.authorizeRefusal(key, .unwrapKey, as: .owner) == nil)
    }

    @Test func `the owner can't be switched off`() throws {
        #expect(
            refusal { () throws(VaultError) in
                try vaults.acting(as: .owner).setIdentity(.owner, isEnabled: false)
            } == .invalidArgument)
        #expect(try vaults.isEnabled(.owner))
    }

    @Test
    func `a store that has a scope uses the platform's key without a policy, even if it is off`()
        throws
    {
        let platform = try vaults.platformKey()
        for operation in KeyOperation.ofStores {
            #expect(vaults.authorizeRefusal(platform, operation) == .accessDenied)
        }
        try vaults.registerScope(of: someone, under: platform)
        for operation in KeyOperation.ofStores {
            #expect(vaults.authorizeRefusal(platform, operation) == nil)
        }
        #expect(vaults.authorizeRefusal(platform, .delete) == .accessDenied)
        let user = Identity(objectID: "user")
        #expect(vaults.authorizeRefusal(platform, .get, as: user) == .accessDenied)
        _ = try vaults.acting(as: .owner).setIdentity(someone, isEnabled: false)
        #expect(vaults.authorizeRefusal(platform, .unwrapKey) == nil)
    }

    @Test func `a store's identity is its id as a UUID`() {
        let identity = Identity(storeID: Array(0..<16))
        #expect(identity.objectID == "00010203-0405-0607-0809-0a0b0c0d0e0f")
        #expect(identity.storeID != nil)
        #expect(Identity(objectID: "00010203-0405-0607-0809-0a0b0c0d0e0g").storeID == nil)
        #expect(Identity(objectID: "000102030405060708090a0b0c0d0e0f").storeID == nil)
    }

    @Test func `nobody changes the reserved vault's policies`() throws {
        _ = try vaults.platformKey()
        #expect(
            refusal { () throws(VaultError) in
                try vaults.acting(as: .owner).setAccessPolicy(
                    vault: "platform", for: someone, permissions: [.get])
            } == .accessDenied)
    }
}
