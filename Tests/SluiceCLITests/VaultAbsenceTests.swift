internal import TestSupport
internal import Testing

/// A store whose vaults are not where they are looked for.
@Suite struct VaultAbsenceTests {
    let home: CommandHome

    init() throws {
        home = try CommandHome()
        try home.makePrivateScope()
        try home.putPrivate([1], as: "x")
        _ = try home.text("scope", "delete", "default", "--yes")
        #expect(try home.shell("mv \"$SLUICE_HOME\"/vaults \"$SLUICE_HOME\"/away").exitCode == 0)
    }

    @Test func `a store that has been used begins no vaults anew`() throws {
        try home.files.write([1], to: "f")
        let place = home.directory.path("vaults")
        for arguments in [
            ["put", "f"], ["put", "-r", "."], ["init"], ["scope", "create", "other"],
            ["keyvault", "create", "--name", "new"],
            ["keyvault", "key", "create", "--name", "mine"],
        ] {
            let result = try home.sluice(arguments)
            #expect(result.exitCode == 69, "\(arguments): \(result.errorText)")
            #expect(result.errorText.contains("'\(place)'"), "\(result.errorText)")
            #expect(result.errorText.contains("--vaults"), "\(result.errorText)")
            #expect(!home.directory.exists("vaults/root.key"))
            #expect(!home.directory.exists("vaults/platform"))
        }
        // Where a disk isn't mounted, a directory is.
        #expect(try home.shell("mkdir \"$SLUICE_HOME\"/vaults").exitCode == 0)
        #expect(try home.sluice("put", "f").exitCode == 69)
        #expect(!home.directory.exists("vaults/root.key"))
        // Others may be made elsewhere, and the right ones serve.
        #expect(try home.sluice("--home", "new", "keyvault", "create", "-n", "own").exitCode == 0)
        let away = home.directory.path("away")
        #expect(try home.sluice("put", "f", "--vaults", away).exitCode == 0)
    }

    @Test func `status says where they are looked for, and advises no other vault`() throws {
        let status = try home.text("status")
        #expect(status.contains("no vault 'default' in '\(home.directory.path("vaults"))'"))
        #expect(status.contains("--vaults"))
        #expect(!status.contains("keyvault create"))
    }

    @Test func `a store whose scopes are gone begins anew`() throws {
        try home.files.write([1], to: "f")
        #expect(try home.sluice("scope", "delete", "private", "--yes").exitCode == 0)
        #expect(try home.sluice("put", "f").exitCode == 0)
    }
}
