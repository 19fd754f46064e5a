internal import Sluice
internal import SluiceAccess
internal import SluiceControl
internal import SluiceNative
internal import SluiceREST
internal import Synchronization
internal import TestSupport
internal import Testing

/// What roles allow is what vaults permit.
@Suite struct VaultRoleTests {
    private let directory: TemporaryDirectory
    private let control: ControlPlane
    private let tenant: HomeTenant
    private let caller: Principal

    private static let someone = "11111111-2222-3333-4444-555555555555"
    private static let another = "66666666-7777-8888-9999-aaaaaaaaaaaa"
    private static let officer = "14b46e9e-c2b7-41b4-b07b-48a6ebf60603"
    private static let reader = "e147488a-f6f5-4113-8e2d-b22465e65bf6"

    init() throws {
        directory = try TemporaryDirectory()
        let library = try CryptoLibrary.load(requireFIPS: false)
        let maker = HomeMaker(
            library,
            names: HomeMaker.Names(hosts: ["a.example"], domains: ["a.example"], addresses: []))
        control = try ControlPlane.open(
            directory.path, new: maker.make(), maker: maker, isTemporary: true, library: library)
        tenant = try #require(control.state.tenant("customer"))
        caller = try #require(try control.principals.principal(objectID: tenant.objectID))
    }

    private func id(_ name: String = "kv1") -> ResourceID {
        tenant.group.appending("Microsoft.KeyVault/vaults", name)
    }

    private func make(_ name: String = "kv1", _ properties: JSON = [:]) throws {
        _ = try control.resources.put(
            id(name), ["location": "eastus", "properties": properties], apiVersion: "2026-02-01",
            as: caller)
    }

    private func patch(_ properties: JSON) throws {
        _ = try control.resources.patch(
            id(), ["properties": properties], apiVersion: "2026-02-01", as: caller)
    }

    private func assign(
        _ role: String, to principal: String = someone, at scope: ResourceID,
        name: String = "assignment"
    ) throws {
        _ = try control.roleAssignments.put(
            name, at: scope,
            [
                "properties": [
                    "principalId": .string(principal), "principalType": "ServicePrincipal",
                    "roleDefinitionId": .string(role),
                ]
            ])
    }

    /// What a vault itself permits.
    private func held(
        _ principal: String = someone, in name: String = "kv1"
    ) throws -> [KeyOperation]? {
        let vault = try control.vaults.acting(as: .owner).vault(name)
        return vault.properties.accessPolicies.first { $0.objectId == principal }?.permissions.keys
    }

    private func refusal(_ work: () throws -> Void) -> ControlError? {
        do {
            try work()
            return nil
        } catch {
            return error as? ControlError
        }
    }

    @Test func `a role above a vault is a policy in it, and goes with the assignment`() throws {
        try make()
        for scope in [id(), tenant.group, ResourceID(["subscriptions", tenant.subscription])] {
            try assign(Self.reader, at: scope)
            #expect(try held() == [.get, .list, .wrapKey, .unwrapKey], "\(scope)")
            _ = try control.roleAssignments.delete("assignment", at: scope)
            #expect(try held() == nil, "\(scope)")
        }
    }

    @Test func `a vault has the roles that were there before it`() throws {
        try assign(Self.reader, to: Self.someone.uppercased(), at: tenant.group)
        try make()
        #expect(try held() == [.get, .list, .wrapKey, .unwrapKey])
    }

    @Test func `roles add up, and each goes by itself`() throws {
        try make()
        try assign(Self.reader, at: id(), name: "one")
        try assign(Self.officer, at: tenant.group, name: "two")
        #expect(try held() == KeyOperation.allCases)
        _ = try control.roleAssignments.delete("two", at: tenant.group)
        #expect(try held() == [.get, .list, .wrapKey, .unwrapKey])
    }

    @Test func `a role beside a vault, or for resources alone, permits nothing`() throws {
        try make()
        let other = tenant.group.appending("Microsoft.KeyVault/vaults", "kv2")
        try make("kv2")
        try assign(Self.officer, at: other)
        let owner = try #require(RoleDefinition.builtIn.first { $0.name == "Owner" })
        try assign(owner.id, at: id(), name: "owner")
        #expect(try held() == nil)
        #expect(try held(in: "kv2") == KeyOperation.allCases)
    }

    @Test func `a role of one's own is what it is now`() throws {
        try make()
        let role = "0f0f0f0f-0000-4000-8000-000000000000"
        let define = { (actions: [JSON], not: [JSON]) in
            _ = try control.roleAssignments.putDefinition(
                role, at: tenant.group,
                [
                    "properties": [
                        "roleName": "mine",
                        "permissions": [
                            ["dataActions": .array(actions), "notDataActions": .array(not)]
                        ],
                    ]
                ])
        }
        let keys = "Microsoft.KeyVault/vaults/keys"
        try define([.string("\(keys)/*")], [.string("\(keys)/purge/action")])
        try assign(role, at: tenant.group)
        let all = try #require(try held())
        #expect(!all.contains(.purge) && all.contains(.sign) && !all.contains(.getRotationPolicy))
        #expect(
            refusal { _ = try control.roleAssignments.deleteDefinition(role) }?.code
                == "RoleDefinitionHasAssignments")
        try define([.string("\(keys)/read")], [])
        #expect(try held() == [.get, .list])
        _ = try control.roleAssignments.delete("assignment", at: tenant.group)
        #expect(try control.roleAssignments.deleteDefinition(role))
        #expect(try !control.roleAssignments.deleteDefinition(role))
    }

    @Test func `what decides is switched at once, both ways`() throws {
        let policies: JSON = [
            ["objectId": .string(Self.another), "permissions": ["keys": ["sign"]]]
        ]
        try make("kv1", ["enableRbacAuthorization": false, "accessPolicies": policies])
        try assign(Self.reader, at: id())
        #expect(try held() == nil)
        #expect(try held(Self.another) == [.sign])
        try patch(["enableRbacAuthorization": true])
        #expect(try held() == [.get, .list, .wrapKey, .unwrapKey])
        #expect(try held(Self.another) == nil)
        try patch(["enableRbacAuthorization": false])
        #expect(try held() == nil)
        #expect(try held(Self.another) == [.sign])
    }

    @Test func `a vault that comes back has the roles of now`() throws {
        try make()
        try assign(Self.officer, at: tenant.group)
        try control.resources.delete(id())
        _ = try control.roleAssignments.delete("assignment", at: tenant.group)
        // What the vault's own database has, before the document is put again.
        _ = try control.vaults.acting(as: .owner).recoverVault("kv1")
        #expect(try held() == nil)
        _ = try control.vaults.acting(as: .owner).deleteVault("kv1")
        try make("kv1", ["createMode": "recover"])
        #expect(try held() == nil)
    }

    @Test func `an identity that is removed gets at no vault`() throws {
        try make()
        let account = tenant.group.appending("Microsoft.Storage/storageAccounts", "acct1")
        let block: JSON = ["location": "eastus", "identity": ["type": "SystemAssigned"]]
        let made = try control.resources.put(
            account, block, apiVersion: "2025-08-01", as: caller)
        let principal = try #require(made.document["identity"]?["principalId"]?.string)
        try assign(Self.reader, to: principal, at: id())
        #expect(try control.vaults.isEnabled(Identity(objectID: principal)))
        let patched = try control.resources.patch(
            account, ["identity": ["type": "None"]], apiVersion: "2025-08-01", as: caller)
        #expect(patched["identity"] == nil)
        #expect(try !control.vaults.isEnabled(Identity(objectID: principal)))
        #expect(try control.principals.principal(objectID: principal) == nil)
        // The assignment stays, and is nobody's; a new identity is another.
        #expect(try held(principal) != nil)
        let again = try control.resources.put(
            account, block, apiVersion: "2025-08-01", as: caller)
        #expect(again.document["identity"]?["principalId"]?.string != principal)
        let own = try #require(again.document["identity"]?["principalId"]?.string)
        try control.resources.delete(account)
        #expect(try !control.vaults.isEnabled(Identity(objectID: own)))
    }

    // another thread     | these changes
    // -------------------|--------------------------------
    // is inside a slot   |
    //                    | a role is taken away: 503
    //                    | it is gone all the same
    //                    | it is taken away again: 503
    // leaves it          |
    //                    | and again: done
    @Test func `a change that nobody confirms stands, and is said to`() throws {
        try make()
        try assign(Self.reader, at: id())
        let barrier = try control.vaults.barrier()
        let taken = barrier.slots.take(barrier.epoch)
        let slot = try #require(taken)
        let delete = { _ = try control.roleAssignments.delete("assignment", at: id()) }
        let error = refusal(delete)
        #expect(error?.kind == .unconfirmed)
        #expect(error?.message.contains(Self.someone) == true)
        #expect(error?.message.contains("'kv1'") == true)
        #expect(try held() == nil)
        #expect(try control.roleAssignments.find("assignment", at: id()) == nil)
        #expect(refusal(delete)?.kind == .unconfirmed)
        barrier.slots.leave(slot)
        #expect(refusal(delete) == nil)
    }

    @Test func `of changes at once, none gives back what another takes`() throws {
        try make()
        let names = (0..<8).map { "a\($0)" }
        for name in names {
            try assign(Self.reader, to: Self.principal(name), at: id(), name: name)
        }
        let control = control
        let scope = id()
        let left = Mutex(names)
        Crew.run(threads: names.count) {
            while let name = left.withLock({ $0.popLast() }) {
                _ = try? control.roleAssignments.delete(name, at: scope)
            }
        }
        for name in names { #expect(try held(Self.principal(name)) == nil, "\(name)") }
    }

    private static func principal(_ name: String) -> String {
        "00000000-0000-0000-0000-0000000000\(name)"
    }

    @Test func `a policy for nobody, or of no permission, is refused before anything is changed`()
        throws
    {
        try make("kv1", ["enableRbacAuthorization": false])
        for policy: JSON in [
            ["objectId": "a b", "permissions": ["keys": ["get"]]],
            ["objectId": .string(Self.someone), "permissions": ["keys": ["fly"]]],
        ] {
            let error = refusal { try patch(["accessPolicies": [policy]]) }
            #expect(error?.kind == .badRequest)
        }
        #expect(try control.resources.get(id())["properties"]?["accessPolicies"] == [])
    }

    @Test func `a vault that was made without the service is nobody's to take`() throws {
        _ = try control.vaults.acting(as: .owner).createVault(name: "kv1")
        for name in ["kv1", "platform"] {
            #expect(refusal { try make(name) }?.code == "VaultAlreadyExists", "\(name)")
        }
        let found = try #require(try control.vault(named: "KV1"))
        #expect(found.tenantID == tenant.id)
        #expect(found.mode == .policies)
        #expect(try control.vault(named: "platform") == nil)
    }
}
