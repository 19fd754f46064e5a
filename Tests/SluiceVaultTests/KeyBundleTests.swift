import Foundation
import SluiceAccess
import Testing

@testable import SluiceVault

@Suite struct KeyBundleTests {
    private func json(_ value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(value), as: UTF8.self)
    }

    @Test func `a bundle has the field names of the service's interface`() throws {
        let vaults = try memoryVaults(clock: ManualClock(milliseconds: 1_700_000_000_999))
        let bundle = try vaults.importKey(
            "k", Vectors.pkcs8, tags: ["team": "water"],
            settings: KeySettings(
                operations: [.wrapKey, .unwrapKey], notBeforeSeconds: 1_600_000_000,
                expiresSeconds: 1_800_000_000))
        let version = try #require(bundle.key.kid.version)
        let expected = """
            {"attributes":{"created":1700000000,"enabled":true,"exp":1800000000,"nbf":1600000000,\
            "recoverableDays":90,"recoveryLevel":"Recoverable","updated":1700000000},\
            "key":{"e":"AQAB","key_ops":["wrapKey","unwrapKey"],\
            "kid":"https://default.vault.localhost/keys/k/\(version)","kty":"RSA",\
            "n":"\(Vectors.modulus)"},"tags":{"team":"water"}}
            """
        #expect(try json(bundle) == expected)
        #expect(try JSONDecoder().decode(KeyBundle.self, from: Data(expected.utf8)) == bundle)
    }

    @Test func `an item leaves out what is not set`() throws {
        let vaults = try memoryVaults(clock: ManualClock(milliseconds: 1_700_000_000_000))
        _ = try vaults.addKnownKey()
        #expect(
            try json(vaults.acting(as: .owner).keys(vault: "default")) == """
                [{"attributes":{"created":1700000000,"enabled":true,"recoverableDays":90,\
                "recoveryLevel":"Recoverable","updated":1700000000},\
                "kid":"https://default.vault.localhost/keys/k"}]
                """)
    }

    @Test func `a vault has the field names of the service's interface`() throws {
        let vaults = try memoryVaults()
        let vault = try vaults.acting(as: .owner).createVault(name: "abc", retentionDays: 7)
        #expect(
            try json(vault) == """
                {"name":"abc","properties":{"accessPolicies":[],"enablePurgeProtection":true,"enableSoftDelete":true,\
                "softDeleteRetentionInDays":7,"vaultUri":"https://abc.vault.localhost/"},\
                "type":"Microsoft.KeyVault/vaults"}
                """)
    }

    @Test func `a bundle is written for the address by which a client reaches the vault`() throws {
        let vaults = try memoryVaults()
        let key = try vaults.addKnownKey()
        let deleted = try vaults.acting(as: .owner).deleteKey(key.versionless).result
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.withoutEscapingSlashes]
        encoder.userInfo[.vaultURI] = "https://kv.vault.azure.net"
        let text = String(decoding: try encoder.encode(deleted), as: UTF8.self)
        let version = try #require(key.version)
        #expect(text.contains(#""https://kv.vault.azure.net/keys/k/\#(version)""#))
        #expect(text.contains(#""https://kv.vault.azure.net/deletedkeys/k""#))
        #expect(!text.contains("localhost"))
        let local = try json(deleted)
        #expect(
            try JSONDecoder().decode(DeletedKeyBundle.self, from: Data(local.utf8)) == deleted)
    }

    @Test func `a bundle of a curve has its point`() throws {
        let vaults = try memoryVaults()
        let key = try vaults.importKey("k", Vectors.elliptic).key
        #expect(key.kty == "EC")
        #expect(key.crv == "P-256")
        #expect(key.keyOperations == [.sign, .verify])
        #expect(key.n == nil)
        #expect(key.x == "oLVhyfk_mgKO-eIe9C2on3SR_sXTw43RpOzCroZXBUc")
        #expect(key.y == "RWjTbwy6oJioBDgmOCmfAHobk_I3RRygvnOExsLOqXE")
    }
}
