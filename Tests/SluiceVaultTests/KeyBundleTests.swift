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

    // RFC 4648, section 10, without padding; and the two digits that differ from plain base64.
    @Test(arguments: [
        ("", ""), ("f", "Zg"), ("fo", "Zm8"), ("foo", "Zm9v"), ("foob", "Zm9vYg"),
        ("fooba", "Zm9vYmE"), ("foobar", "Zm9vYmFy"), ("??>", "Pz8-"), ("???", "Pz8_"),
    ])
    func `base64url is that of the standard`(bytes: String, text: String) {
        #expect(Base64URL.encode(Array(bytes.utf8)) == text)
    }

    @Test func `error codes map to those of the service`() {
        #expect(VaultError(.keyNotFound, "").serviceCode == "KeyNotFound")
        #expect(VaultError(.keyDisabled, "").serviceCode == "KeyDisabled")
        #expect(VaultError(.keyDeleted, "").serviceCode == "ObjectIsDeletedButRecoverable")
        #expect(VaultError(.operationNotPermitted, "").serviceCode == "KeyOperationForbidden")
        #expect(VaultError(.accessDenied, "").serviceCode == "AccessDenied")
        #expect(VaultError(.wrongRootKey, "").serviceCode == nil)
    }
}
