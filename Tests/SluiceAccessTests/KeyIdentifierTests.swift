import Foundation
import TestSupport
import Testing

@testable import SluiceAccess

@Suite struct KeyIdentifierTests {
    let version = "0123456789abcdef0123456789abcdef"

    @Test func `the text of an identifier parses back to it`() throws {
        let key = try KeyIdentifier(vault: "my-vault", name: "Key-1", version: version)
        #expect(
            key.description
                == "https://my-vault.vault.localhost/keys/Key-1/0123456789abcdef0123456789abcdef")
        #expect(try KeyIdentifier(parsing: key.description) == key)
        #expect(key.versionless.description == "https://my-vault.vault.localhost/keys/Key-1")
        #expect(try KeyIdentifier(parsing: key.versionless.description) == key.versionless)
        #expect(key.versionless != key)
        #expect(try key.versionless.versioned(version) == key)
    }

    @Test func `identifiers that differ in case only are equal and hash alike`() throws {
        let key = try KeyIdentifier(
            parsing: "HTTPS://My-Vault.Vault.LOCALHOST/Keys/KEY-1/\(version.uppercased())")
        let lower = try KeyIdentifier(vault: "my-vault", name: "key-1", version: version)
        #expect(key.vault == "my-vault")
        #expect(key.name == "KEY-1")
        #expect(key.version == version)
        #expect(key == lower)
        #expect(Set([key, lower]).count == 1)
        #expect(Set([key.versionless, lower.versionless]).count == 1)
        #expect(key != (try KeyIdentifier(vault: "my-vault", name: "key-2", version: version)))
    }

    @Test(arguments: ["abc", "a23", "a-b-c", String(repeating: "a", count: 24)])
    func `a well-formed vault name is accepted`(name: String) throws {
        #expect(try KeyIdentifier(vault: name, name: "k").vault == name)
    }

    @Test(arguments: [
        "", "ab", String(repeating: "a", count: 25), "1abc", "-abc", "abc-", "a--b", "a.b.c", "a_b",
        "äbc", "a\0b",
    ])
    func `a malformed vault name is refused`(name: String) {
        #expect(
            refusal { () throws(VaultError) in try KeyIdentifier(vault: name, name: "k") }
                == .invalidName)
    }

    @Test(arguments: ["k", "1", "-", "A-z-0", String(repeating: "k", count: 127)])
    func `a well-formed key name is accepted`(name: String) throws {
        #expect(try KeyIdentifier(vault: "abc", name: name).name == name)
    }

    @Test(arguments: ["", String(repeating: "k", count: 128), "a_b", "a b", "é", "a/b", "a\0"])
    func `a malformed key name is refused`(name: String) {
        #expect(
            refusal { () throws(VaultError) in try KeyIdentifier(vault: "abc", name: name) }
                == .invalidName)
    }

    @Test(arguments: [
        "", "0123456789abcdef0123456789abcde", "0123456789abcdef0123456789abcdef0",
        "0123456789abcdef0123456789abcdeg",
    ])
    func `a malformed version is refused`(version: String) throws {
        #expect(
            refusal { () throws(VaultError) in
                try KeyIdentifier(vault: "abc", name: "k", version: version)
            } == .invalidName)
        let key = try KeyIdentifier(vault: "abc", name: "k")
        #expect(
            refusal { () throws(VaultError) in try key.versioned(version) } == .invalidName)
    }

    @Test(arguments: [
        "", "k", "http://abc.vault.localhost/keys/k", "https://abc.vault.azure.net/keys/k",
        "https://abc.vault.localhost/secrets/k", "https://abc.vault.localhost/keys",
        "https://abc.vault.localhost/keys/", "https://abc.vault.localhost/keys/k/",
        "https://abc.vault.localhost/keys/k/0123456789abcdef0123456789abcdef/x",
        "https:/x/abc.vault.localhost/keys/k", "https://.vault.localhost/keys/k",
        " https://abc.vault.localhost/keys/k", "https://abc.vault.localhost:80/keys/k",
    ])
    func `what is no identifier is refused`(text: String) {
        #expect(
            refusal { () throws(VaultError) in try KeyIdentifier(parsing: text) } == .invalidName)
    }

    @Test func `it is a single string in JSON`() throws {
        let key = try KeyIdentifier(vault: "abc", name: "k")
        let encoder = JSONEncoder()
        encoder.outputFormatting = .withoutEscapingSlashes
        let json = try encoder.encode([key])
        #expect(String(decoding: json, as: UTF8.self) == #"["https://abc.vault.localhost/keys/k"]"#)
        #expect(try JSONDecoder().decode([KeyIdentifier].self, from: json) == [key])
        #expect(throws: DecodingError.self) {
            try JSONDecoder().decode([KeyIdentifier].self, from: Data(#"["k"]"#.utf8))
        }
    }
}
