import SluiceAccess
import SluiceNative
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
            case .get: _ = try vaults.key(key, as: someone)
            case .list:
                _ = try vaults.keys(vault: "default", as: someone)
                _ = try vaults.keyVersions(vault: "default", name: "k", as: someone)
                _ = try vaults.deletedKeys(vault: "default", as: someone)
            case .create: _ = try vaults.createKey(vault: "default", name: "c", as: someone)
            case .import:
                let pem = Array(Vectors.pkcs8.utf8)
                _ = try vaults.importKey(
                    vault: "default", name: "i", pem: pem.span, as: someone)
            case .update: _ = try vaults.updateKey(key, KeyChanges(), as: someone)
            case .rotate: _ = try vaults.rotateKey(vault: "default", name: "k", as: someone)
            case .getRotationPolicy:
                _ = try vaults.rotationPolicy(vault: "default", name: "k", as: someone)
            case .setRotationPolicy:
                _ = try vaults.setRotationPolicy(
                    RotationPolicy(), vault: "default", name: "k", as: someone)
            case .delete: _ = try vaults.deleteKey(key, as: someone)
            case .recover: _ = try vaults.recoverKey(key, as: someone)
            default: _ = try vaults.purgeKey(key, as: someone)
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
            _ = try vaults.setAccessPolicy(
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
        let policies = try vaults.vault("default").properties.accessPolicies
        #expect(policies.map(\.permissions.keys) == [[.unwrapKey]])
    }

    @Test func `deleting a policy takes the access that it gave`() throws {
        try vaults.permit(.unwrapKey)
        #expect(vaults.authorizeRefusal(key, .unwrapKey) == nil)
        let change = try vaults.deleteAccessPolicy(vault: "default", for: someone)
        #expect(change.result.properties.accessPolicies.isEmpty)
        #expect(vaults.authorizeRefusal(key, .unwrapKey) == .accessDenied)
        #expect(
            refusal { () throws(VaultError) in
                try vaults.deleteAccessPolicy(vault: "default", for: someone)
            } == .policyNotFound)
    }

    @Test func `each identity and each vault has a policy of its own`() throws {
        _ = try vaults.createVault(name: "other")
        let elsewhere = try vaults.addKnownKey(vault: "other")
        let other = Identity(objectID: "other")
        try vaults.permit(.get)
        _ = try vaults.setAccessPolicy(vault: "default", for: other, permissions: [.unwrapKey])
        #expect(vaults.authorizeRefusal(key, .get) == nil)
        #expect(vaults.authorizeRefusal(key, .get, as: other) == .accessDenied)
        #expect(vaults.authorizeRefusal(key, .unwrapKey, as: other) == nil)
        #expect(vaults.authorizeRefusal(elsewhere, .get) == .accessDenied)
    }

    @Test func `object ids that differ in case are one`() throws {
        _ = try vaults.setAccessPolicy(
            vault: "default", for: Identity(objectID: "ABC"), permissions: [.get])
        #expect(vaults.authorizeRefusal(key, .get, as: Identity(objectID: "abc")) == nil)
    }

    @Test(arguments: ["owner", "OWNER", "", "a b", "a\"b", String(repeating: "x", count: 129)])
    func `a policy for what is no identity is refused`(objectID: String) {
        #expect(
            refusal { () throws(VaultError) in
                try vaults.setAccessPolicy(
                    vault: "default", for: Identity(objectID: objectID), permissions: [])
            } == .invalidArgument)
    }

    @Test func `only the owner manages vaults, policies and identities`() throws {
        _ = try vaults.setAccessPolicy(
            vault: "default", for: someone, permissions: KeyOperation.allCases)
        let codes = [
            refusal { () throws(VaultError) in
                try vaults.setAccessPolicy(
                    vault: "default", for: someone, permissions: [], as: someone)
            },
            refusal { () throws(VaultError) in
                try vaults.deleteAccessPolicy(vault: "default", for: someone, as: someone)
            },
            refusal { () throws(VaultError) in
                try vaults.setIdentity(someone, isEnabled: true, as: someone)
            },
            refusal { () throws(VaultError) in try vaults.createVault(name: "abc", as: someone) },
            refusal { () throws(VaultError) in try vaults.vault("default", as: someone) },
            refusal { () throws(VaultError) in try vaults.vaults(as: someone) },
            refusal { () throws(VaultError) in try vaults.deletedVaults(as: someone) },
            refusal { () throws(VaultError) in try vaults.deleteVault("default", as: someone) },
            refusal { () throws(VaultError) in try vaults.recoverVault("default", as: someone) },
            refusal { () throws(VaultError) in try vaults.purgeVault("default", as: someone) },
            refusal { () throws(VaultError) in
                try vaults.enablePurgeProtection(vault: "default", as: someone)
            },
            refusal { () throws(VaultError) in
                try vaults.operations(vault: "default", as: someone)
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
        _ = try vaults.setIdentity(someone, isEnabled: false)
        #expect(try !vaults.isEnabled(someone))
        #expect(vaults.authorizeRefusal(key, .unwrapKey) == .identityDisabled)
        #expect(
            refusal { () throws(VaultError) in try vaults.keys(vault: "default", as: someone) }
                == .identityDisabled)
        #expect(
            refusal { () throws(VaultError) in
                try vaults.setIdentity(someone, isEnabled: true, as: someone)
            } == .identityDisabled)
        _ = try vaults.setIdentity(someone, isEnabled: true)
        #expect(
            try vaults.unwrap(wrapped.bytes, under: key, as: someone, deadline: .none).array()
                == secret)
    }

    @Test func `others are not touched`() throws {
        _ = try vaults.setIdentity(Identity(objectID: "other"), isEnabled: false)
        #expect(vaults.authorizeRefusal(key, .unwrapKey) == nil)
        #expect(vaults.authorizeRefusal(key, .unwrapKey, as: .owner) == nil)
    }

    @Test func `the owner can't be switched off`() throws {
        #expect(
            refusal { () throws(VaultError) in
                try vaults.setIdentity(.owner, isEnabled: false)
            } == .invalidArgument)
        #expect(try vaults.isEnabled(.owner))
    }

    @Test func `a store uses the platform's key without a policy, even if it is off`() throws {
        let platform = try vaults.platformKey()
        for operation in KeyOperation.ofStores {
            #expect(vaults.authorizeRefusal(platform, operation) == nil)
        }
        #expect(vaults.authorizeRefusal(platform, .delete) == .accessDenied)
        let user = Identity(objectID: "user")
        #expect(vaults.authorizeRefusal(platform, .get, as: user) == .accessDenied)
        _ = try vaults.setIdentity(someone, isEnabled: false)
        #expect(vaults.authorizeRefusal(platform, .unwrapKey) == nil)
    }

    @Test func `a store's identity is its id as a UUID`() {
        let identity = Identity(storeID: Array(0..<16))
        #expect(identity.objectID == "00010203-0405-0607-0809-0a0b0c0d0e0f")
        #expect(identity.isStore)
        #expect(!Identity(objectID: "00010203-0405-0607-0809-0a0b0c0d0e0g").isStore)
        #expect(!Identity(objectID: "000102030405060708090a0b0c0d0e0f").isStore)
    }

    @Test func `nobody changes the reserved vault's policies`() throws {
        _ = try vaults.platformKey()
        #expect(
            refusal { () throws(VaultError) in
                try vaults.setAccessPolicy(vault: "platform", for: someone, permissions: [.get])
            } == .accessDenied)
    }
}
