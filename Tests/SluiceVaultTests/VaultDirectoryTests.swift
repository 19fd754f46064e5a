import SluiceAccess
import SluiceNative
import TestSupport
import Testing

@testable import SluiceVault

@Suite struct VaultDirectoryTests {
    let vaults: TemporaryVaults

    init() throws { vaults = try TemporaryVaults() }

    // MARK: Vaults

    @Test func `nothing is made before the first vault`() throws {
        let directory = try vaults.open()
        #expect(try directory.acting(as: .owner).vaults().isEmpty)
        let key = try KeyIdentifier(vault: "default", name: "k")
        #expect(
            refusal { () throws(VaultError) in try directory.acting(as: .owner).key(key) }
                == .vaultNotFound)
        #expect(
            refusal { () throws(VaultError) in
                try directory.acting(as: .owner).createKey(vault: "default", name: "k")
            } == .vaultNotFound)
        #expect(try !FileSystem.exists(vaults.path))
    }

    @Test func `a vault is made and found again`() throws {
        let made = try vaults.open().acting(as: .owner).createVault(name: "Default")
        #expect(made.name == "default")
        #expect(try vaults.open().acting(as: .owner).vaults() == [made])
        _ = try vaults.open().acting(as: .owner).createVault(name: "abc")
        #expect(try vaults.open().acting(as: .owner).vaults().map(\.name) == ["abc", "default"])
    }

    @Test func `a vault's files are for their owner only`() throws {
        let directory = try vaults.open()
        _ = try directory.acting(as: .owner).createVault(name: "default")
        _ = try directory.addKnownKey()
        #expect(try FileSystem.status(vaults.path).mode == 0o700)
        #expect(try FileSystem.status("\(vaults.path)/default").mode == 0o700)
        let inside = try Directory.open("\(vaults.path)/default")
        let names = try inside.names().compactMap(\.string)
        #expect(Set(names).isSuperset(of: ["vault.db", "lock"]))
        for name in names { #expect(try inside.status(name).mode == 0o600) }
    }

    @Test func `a name that is taken, reserved or malformed is refused`() throws {
        for directory in [try vaults.open(), try memoryVaults()] {
            func code(_ name: String) -> VaultError.Code? {
                refusal { () throws(VaultError) in
                    try directory.acting(as: .owner).createVault(name: name)
                }
            }
            #expect(code("taken") == nil)
            #expect(code("taken") == .alreadyExists)
            #expect(code("TAKEN") == .alreadyExists)
            #expect(code("platform") == .invalidName)
            #expect(code("barrier") == .invalidName)
            #expect(code("no") == .invalidName)
        }
    }

    @Test(arguments: [(6, false), (7, true), (90, true), (91, false)])
    func `retention is 7 to 90 days`(days: Int, isAllowed: Bool) throws {
        let code = refusal { () throws(VaultError) in
            try vaults.open().acting(as: .owner).createVault(name: "abc", retentionDays: days)
        }
        #expect(code == (isAllowed ? nil : .invalidArgument))
    }

    @Test func `what a crash left of a vault being made is no vault and in nobody's way`() throws {
        let directory = try vaults.open()
        _ = try directory.acting(as: .owner).createVault(name: "default")
        let home = try Directory.open(vaults.path)
        let staging = try home.openOrMakeDirectory(".new")
        try staging.createExclusively("vault.db").write([1, 2, 3].span)
        #expect(try directory.acting(as: .owner).vaults().count == 1)
        _ = try directory.acting(as: .owner).createVault(name: "other")
        #expect(try directory.acting(as: .owner).vaults().count == 2)
    }

    @Test func `files and foreign directories beside the vaults are no vaults`() throws {
        let directory = try vaults.open()
        _ = try directory.acting(as: .owner).createVault(name: "default")
        let home = try Directory.open(vaults.path)
        _ = try home.createExclusively("file")
        try home.makeDirectory("UPPER")
        try home.makeDirectory("x_y")
        #expect(try directory.acting(as: .owner).vaults().map(\.name) == ["default"])
    }

    // MARK: Keys

    @Test func `a key is made and found by both its identifiers`() throws {
        let directory = try vaults.open()
        _ = try directory.acting(as: .owner).createVault(name: "default")
        let bundle = try directory.acting(as: .owner).createKey(
            vault: "default", name: "k", tags: ["a": "1", "b": "2"])
        #expect(bundle.key.kty == "RSA")
        #expect(bundle.key.keyOperations == KeyOperation.ofKeys)
        #expect(bundle.tags == ["a": "1", "b": "2"])
        for reopened in [directory, try vaults.open()] {
            #expect(try reopened.acting(as: .owner).key(bundle.key.kid) == bundle)
            #expect(try reopened.acting(as: .owner).key(bundle.key.kid.versionless) == bundle)
        }
    }

    @Test func `a name that exists gets a new version, which is the current one`() throws {
        let directory = try vaults.open()
        _ = try directory.acting(as: .owner).createVault(name: "default")
        let first = try directory.addKnownKey("Key")
        vaults.clock.advance(bySeconds: 10)
        let second = try directory.addKnownKey("kEY")
        #expect(second.name == "Key")
        #expect(first != second)
        #expect(try directory.acting(as: .owner).key(first.versionless).key.kid == second)
        #expect(
            try directory.acting(as: .owner).keyVersions(vault: "default", name: "KEY").map(\.kid)
                == [second, first])
        let listed = try directory.acting(as: .owner).keys(vault: "default")
        #expect(listed.map(\.kid) == [first.versionless])
        #expect(listed.map(\.attributes.created) == [1_767_225_610])
        #expect(
            try directory.describe(first.versionless, as: .owner, deadline: .none).identifier
                == second)
    }

    @Test func `the newest enabled version is the current one`() throws {
        let directory = try memoryVaults()
        let off = KeySettings(isEnabled: false)
        let none = try directory.addKnownKey(settings: off)
        func current() -> VaultError.Code? {
            refusal { () throws(VaultError) in
                try directory.describe(none.versionless, as: .owner, deadline: .none)
            }
        }
        #expect(current() == .keyDisabled)
        #expect(try !directory.acting(as: .owner).key(none).attributes.enabled)
        let on = try directory.addKnownKey()
        _ = try directory.addKnownKey(settings: off)
        #expect(current() == nil)
        #expect(
            try directory.describe(none.versionless, as: .owner, deadline: .none).identifier
                == on)
    }

    @Test func `what is not there is not found`() throws {
        let directory = try memoryVaults()
        let kid = try directory.addKnownKey()
        let other = try kid.versioned("0123456789abcdef0123456789abcdef")
        #expect(
            refusal { () throws(VaultError) in try directory.acting(as: .owner).key(other) }
                == .keyNotFound)
        let unknown = try KeyIdentifier(vault: "default", name: "x", version: kid.version)
        #expect(
            refusal { () throws(VaultError) in try directory.acting(as: .owner).key(unknown) }
                == .keyNotFound)
        #expect(
            refusal { () throws(VaultError) in
                try directory.acting(as: .owner).keyVersions(vault: "default", name: "x")
            } == .keyNotFound)
        #expect(
            refusal { () throws(VaultError) in try directory.acting(as: .owner).keys(vault: "none")
            }
                == .vaultNotFound)
    }

    @Test func `settings out of bounds are refused`() throws {
        let directory = try memoryVaults()
        func code(
            _ settings: KeySettings = KeySettings(), _ tags: [String: String] = [:]
        ) -> VaultError.Code? {
            refusal { () throws(VaultError) in
                try directory.acting(as: .owner).createKey(
                    vault: "default", name: "k", tags: tags, settings: settings)
            }
        }
        func tags(_ count: Int) -> [String: String] {
            Dictionary(uniqueKeysWithValues: (0..<count).map { ("t\($0)", "") })
        }
        let long = String(repeating: "x", count: 257)
        #expect(code(KeySettings(operations: [.get])) == .invalidArgument)
        #expect(
            code(KeySettings(notBeforeSeconds: 5, expiresSeconds: 5)) == .invalidArgument)
        #expect(code(KeySettings(), tags(16)) == .invalidArgument)
        #expect(code(KeySettings(), [long: ""]) == .invalidArgument)
        #expect(code(KeySettings(), ["": long]) == .invalidArgument)
        #expect(code(KeySettings(notBeforeSeconds: 5, expiresSeconds: 6), tags(15)) == nil)
    }

    // MARK: Import

    @Test(arguments: [Vectors.pkcs1, Vectors.pkcs8])
    func `an imported key unwraps what OpenSSL's command wrapped`(pem: String) throws {
        let directory = try vaults.open()
        _ = try directory.acting(as: .owner).createVault(name: "default")
        let bundle = try directory.importKey("mine", pem)
        #expect(bundle.key.n == Vectors.modulus)
        #expect(bundle.key.e == "AQAB")
        let wrapped = WrappedKey(scheme: 1, key: bundle.key.kid, bytes: Vectors.wrapped)
        #expect(try directory.unwrap(wrapped) == secret)
        // Not only by the instance that imported it.
        #expect(try vaults.open().unwrap(wrapped) == secret)
    }

    @Test(arguments: [
        (Vectors.publicOnly, VaultError.Code.unsupportedKey), (Vectors.small, .unsupportedKey),
        ("", .malformedKey), ("no PEM", .malformedKey),
        (String(Vectors.pkcs8.prefix(800)), .malformedKey),
        (Vectors.pkcs8 + "\n" + Vectors.pkcs8, .malformedKey),
        (Vectors.pkcs1 + "\n" + Vectors.elliptic, .malformedKey),
    ])
    func `what is no private key of a kind of ours is not imported`(
        pem: String, code: VaultError.Code
    ) throws {
        let directory = try memoryVaults()
        #expect(refusal { () throws(VaultError) in try directory.importKey("k", pem) } == code)
        #expect(try directory.acting(as: .owner).keys(vault: "default").isEmpty)
    }

    // MARK: Closing

    @Test func `closed vaults answer nothing`() throws {
        for directory in [try vaults.open(), try memoryVaults()] {
            if try directory.acting(as: .owner).vaults().isEmpty {
                _ = try directory.acting(as: .owner).createVault(name: "default")
            }
            let kid = try directory.addKnownKey()
            let wrapped = try directory.wrap(secret, kid)
            directory.close()
            directory.close()
            #expect(refusal { () throws(VaultError) in try directory.unwrap(wrapped) } == .closed)
            #expect(
                refusal { () throws(VaultError) in
                    try directory.acting(as: .owner).createVault(name: "abc")
                }
                    == .closed)
            #expect(refusal { () throws(VaultError) in try directory.platformKey() } == .closed)
        }
    }
}
