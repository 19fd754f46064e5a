internal import Sluice
internal import SluiceControl
internal import SluiceNative
internal import SluiceREST
internal import TestSupport
internal import Testing

@Suite struct ControlPlaneTests {
    private let directory: TemporaryDirectory
    private let library: CryptoLibrary

    init() throws {
        directory = try TemporaryDirectory()
        library = try CryptoLibrary.load(requireFIPS: false)
    }

    private func open() throws -> ControlPlane {
        let maker = HomeMaker(
            library,
            names: HomeMaker.Names(hosts: ["a.example"], domains: ["a.example"], addresses: []))
        return try ControlPlane.open(
            directory.path, new: maker.make(), maker: maker, isTemporary: true, library: library)
    }

    private func vault(_ control: ControlPlane) throws -> (id: ResourceID, caller: Principal) {
        let tenant = try #require(control.state.tenant("customer"))
        let caller = try #require(try control.principals.principal(objectID: tenant.objectID))
        return (tenant.group.appending("Microsoft.KeyVault/vaults", "kv1"), caller)
    }

    @Test func `a home is known again, and its secrets are nowhere in the clear`() throws {
        let first = try open()
        let secret = try #require(first.state.tenant("customer")?.secret)
        let nonce = first.state.nonce
        first.close()
        let second = try open()
        #expect(second.state.nonce == nonce)
        #expect(second.state.tenant("customer")?.secret == secret)
        second.close()
        for name in directory.files() {
            let bytes = try directory.read(name)
            #expect(String(decoding: bytes, as: UTF8.self).firstRange(of: secret) == nil, "\(name)")
        }
    }

    @Test func `a vault's document is what its vault does`() throws {
        let control = try open()
        let (id, caller) = try vault(control)
        let who = "11111111-2222-3333-4444-555555555555"
        let body: JSON = [
            "location": "eastus",
            "properties": [
                "enableRbacAuthorization": false, "enablePurgeProtection": true,
                "accessPolicies": [
                    [
                        "objectId": .string(who.uppercased()),
                        "permissions": ["keys": ["GET", "unwrapkey"]],
                    ]
                ],
            ],
        ]
        _ = try control.resources.put(id, body, apiVersion: "2023-07-01", as: caller)
        control.close()
        let vaults = try VaultDirectory.open(
            path: directory.path("vaults"), library: library)
        defer { vaults.close() }
        let made = try vaults.acting(as: .owner).vault("kv1")
        #expect(made.properties.enablePurgeProtection)
        #expect(made.properties.accessPolicies.map(\.objectId) == [who])
        #expect(made.properties.accessPolicies.first?.permissions.keys == [.get, .unwrapKey])
    }

    @Test func `role mode leaves nobody a policy`() throws {
        let control = try open()
        let (id, caller) = try vault(control)
        let policies: JSON = [
            ["objectId": "11111111-2222-3333-4444-555555555555", "permissions": ["keys": ["all"]]]
        ]
        let made = try control.resources.put(
            id, ["location": "eastus", "properties": ["accessPolicies": policies]],
            apiVersion: "2026-02-01", as: caller)
        #expect(made.document["properties"]?["enableRbacAuthorization"] == true)
        control.close()
        let vaults = try VaultDirectory.open(
            path: directory.path("vaults"), library: library)
        defer { vaults.close() }
        #expect(try vaults.acting(as: .owner).vault("kv1").properties.accessPolicies.isEmpty)
    }
}
