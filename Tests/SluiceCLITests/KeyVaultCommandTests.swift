internal import Foundation
internal import TestSupport
internal import Testing

@Suite struct KeyVaultCommandTests {
    let home: CommandHome

    init() throws {
        home = try CommandHome()
    }

    @Test func `a key bundle has Key Vault's shape`() throws {
        let result = try home.sluice(
            "keyvault", "key", "create", "--vault-name", "default", "--name", "mine", "--tags",
            "a=1", "b=2", "--json")
        #expect(result.exitCode == 0, "\(result.errorText)")
        let bundle = try object(result.outputText)
        let key = try #require(bundle["key"] as? [String: Any])
        let kid = try #require(key["kid"] as? String)
        #expect(kid.hasPrefix("https://default.vault.localhost/keys/mine/"))
        #expect(key["kty"] as? String == "RSA")
        #expect((key["n"] as? String)?.count == 342)
        #expect(key["e"] as? String == "AQAB")
        let attributes = try #require(bundle["attributes"] as? [String: Any])
        #expect(attributes["enabled"] as? Bool == true)
        #expect(bundle["tags"] as? [String: String] == ["a": "1", "b": "2"])
    }

    @Test func `vaults are made and listed`() throws {
        #expect(try home.sluice("keyvault", "create", "--name", "team").exitCode == 0)
        #expect(try home.sluice("keyvault", "create", "--name", "team").exitCode == 73)
        #expect(try home.sluice("keyvault", "create", "--name", "x").exitCode == 64)
        #expect(try home.sluice("keyvault", "create").exitCode == 64)
        let vaults = try objects(try home.text("keyvault", "list", "--json"))
        #expect(vaults.compactMap { $0["name"] as? String } == ["team"])
        #expect(try home.text("keyvault", "list").contains("team"))
    }

    @Test func `a name made again is a new version`() throws {
        #expect(try home.sluice("keyvault", "create", "-n", "team").exitCode == 0)
        for _ in 0..<2 {
            let result = try home.sluice(
                "keyvault", "key", "create", "--vault-name", "team", "-n", "k")
            #expect(result.exitCode == 0)
        }
        let keys = try objects(
            try home.text("keyvault", "key", "list", "--vault-name", "team", "--json"))
        #expect(
            keys.compactMap { $0["kid"] as? String } == ["https://team.vault.localhost/keys/k"])
        let versions = try objects(
            try home.text(
                "keyvault", "key", "list-versions", "--vault-name", "team", "-n", "k", "--json"
            ))
        #expect(versions.count == 2)
        let kid = try #require(versions.last?["kid"] as? String)
        let version = String(try #require(kid.split(separator: "/").last))
        let shown = try object(
            try home.text(
                "keyvault", "key", "show", "--vault-name", "team", "-n", "k", "--version",
                version, "--json"
            ))
        #expect((shown["key"] as? [String: Any])?["kid"] as? String == kid)
    }

    @Test func `a PEM file is imported`() throws {
        #expect(try home.shell("openssl genrsa -out key.pem 2048").exitCode == 0)
        let result = try home.sluice(
            "keyvault", "key", "import", "--name", "mine", "--pem-file", "key.pem", "--json")
        #expect(result.exitCode == 0, "\(result.errorText)")
        let modulus = try home.shell("openssl rsa -in key.pem -noout -modulus").outputText
        let key = try object(result.outputText)["key"] as? [String: Any]
        let n = try #require(key?["n"] as? String)
        #expect(hexadecimal(base64URL: n) == modulus.dropFirst("Modulus=".count).dropLast())
    }

    @Test(arguments: [
        "openssl genrsa -out key.pem 1024",
        "openssl ecparam -name brainpoolP256r1 -genkey -noout -out key.pem",
        "openssl genrsa 2048 | openssl rsa -pubout -out key.pem",
        "echo nothing > key.pem", ": > key.pem",
        "openssl genrsa 2048 > key.pem; openssl genrsa 2048 >> key.pem",
        "openssl genrsa 2048 > key.pem; openssl ecparam -name prime256v1 -genkey >> key.pem",
    ])
    func `another key is refused`(script: String) throws {
        #expect(try home.shell(script).exitCode == 0)
        let result = try home.sluice(
            "keyvault", "key", "import", "--name", "mine", "--pem-file", "key.pem")
        #expect(result.exitCode == 64)
        #expect(result.errorText.contains("'key.pem'"), "\(result.errorText)")
        #expect(try home.sluice("keyvault", "key", "show", "--name", "mine").exitCode == 66)
    }

    @Test(arguments: ["", " -traditional"])
    func `an encrypted key is to be decrypted, and that is all`(format: String) throws {
        let script = """
            set -e -o pipefail
            openssl genrsa 2048 | openssl rsa\(format) -aes256 -passout pass:x -out key.pem
            grep -q ENCRYPTED key.pem
            """
        #expect(try home.shell(script).exitCode == 0)
        let result = try home.sluice(
            "keyvault", "key", "import", "--name", "mine", "--pem-file", "key.pem")
        #expect(result.exitCode == 64)
        #expect(result.errorText.contains("`openssl pkey -in "), "\(result.errorText)")
        #expect(!result.errorText.contains("2048"), "\(result.errorText)")
    }

    @Test func `a key is made of the kind that is asked for`() throws {
        for (options, kty, place, value) in [
            ("--kty EC", "EC", "crv", "P-256"), ("--kty ec --curve p-521", "EC", "crv", "P-521"),
            ("--size 3072", "RSA", "e", "AQAB"),
        ] {
            let result = try home.shell("\"$sluice\" keyvault key create --json -n k \(options)")
            #expect(result.exitCode == 0, "\(result.errorText)")
            let key = try #require(try object(result.outputText)["key"] as? [String: Any])
            #expect(key["kty"] as? String == kty)
            #expect(key[place] as? String == value)
        }
        // Nothing can be encrypted at rest under it.
        _ = try home.text("keyvault", "key", "create", "--name", "curved", "--kty", "EC")
        let key = "https://default.vault.localhost/keys/curved"
        #expect(try home.sluice("scope", "create", "s", "--key", key).exitCode != 0)
    }

    @Test func `unsupported keys and bad names are refused`() throws {
        func create(_ arguments: String...) throws -> CommandResult {
            try home.shell("\"$sluice\" keyvault key create \(arguments.joined(separator: " "))")
        }
        let hardware = try create("--name k --kty RSA-HSM")
        #expect(hardware.exitCode == 64)
        #expect(hardware.errorText.contains("hardware"))
        #expect(try create("--name k --kty EC --curve P-192").exitCode == 64)
        #expect(try create("--name k --size 1024").exitCode == 64)
        #expect(try create("--name k_1").exitCode == 64)
        #expect(try create("--name k --vault-name nosuch").exitCode == 66)
        #expect(try create("").exitCode == 64)
        #expect(try home.sluice("keyvault", "key", "show", "--name", "k").exitCode == 66)
        #expect(
            try home.sluice("keyvault", "key", "import", "-n", "k", "--pem-file", "no").exitCode
                == 66)
    }

    @Test(arguments: ["create", "import --pem-file key.pem"])
    func `a key is made with the settings that az takes`(verb: String) throws {
        #expect(try home.shell("openssl genrsa -out key.pem 2048").exitCode == 0)
        func make(_ settings: String) throws -> CommandResult {
            try home.shell("\"$sluice\" keyvault key \(verb) --name k --json \(settings)")
        }
        func attributes(_ settings: String) throws -> [String: Any] {
            let bundle = try object(try make(settings).outputText)
            return try #require(bundle["attributes"] as? [String: Any], "\(settings)")
        }
        let bundle = try object(
            try make(
                "--ops wrapKey unwrapKey --disabled --not-before 2027-01-31 "
                    + "--expires 2028-01-31T12:00:00Z --protection software --tags a=1 b=2"
            ).outputText)
        let key = try #require(bundle["key"] as? [String: Any])
        #expect(key["key_ops"] as? [String] == ["wrapKey", "unwrapKey"])
        #expect(bundle["tags"] as? [String: String] == ["a": "1", "b": "2"])
        let made = try #require(bundle["attributes"] as? [String: Any])
        #expect(made["enabled"] as? Bool == false)
        #expect(made["nbf"] as? Int == 1_801_353_600)
        #expect(made["exp"] as? Int == 1_832_932_800)
        #expect(try attributes("--disabled true")["enabled"] as? Bool == false)
        #expect(try attributes("--disabled=False")["enabled"] as? Bool == true)
        #expect(try attributes("--disabled false")["enabled"] as? Bool == true)
        #expect(try attributes("")["enabled"] as? Bool == true)
        for wrong in [
            "--ops get", "--ops fly", "--disabled no", "--disabled=no", "--expires soon",
            "--not-before 2028-01-31 --expires 2027-01-31", "--protection cloud",
        ] {
            #expect(try make(wrong).exitCode == 64, "\(wrong)")
        }
        let hardware = try make("--protection hsm")
        #expect(hardware.exitCode == 64)
        #expect(try errorCode(hardware) == "unsupportedKey")
        let versions = try home.text("keyvault", "key", "list-versions", "--name", "k", "--json")
        #expect(try objects(versions).count == 5)
    }

    @Test func `an exposed root key is refused`() throws {
        try home.put([1], as: "x")
        #expect(try home.shell("chmod 644 \"$SLUICE_HOME/vaults/root.key\"").exitCode == 0)
        let result = try home.sluice("get", "x")
        #expect(result.exitCode == 69)
        #expect(result.errorText.contains("chmod"))
    }

    @Test func `the root key can be elsewhere`() throws {
        let key = home.files.path("root.key")
        #expect(
            try home.sluice("--root-key", key, "put", "-", "--as", "x", input: [1]).exitCode == 0)
        #expect(home.files.exists("root.key"))
        #expect(!home.directory.exists("vaults/root.key"))
        #expect(try home.sluice("get", "x").exitCode == 69)
        #expect(try home.bytes("get", "x", "--root-key", key) == [1])
        #expect(try home.shell("SLUICE_ROOT_KEY=root.key \"$sluice\" get x").output == [1])
    }

    @Test func `a passphrase opens the vaults, and no other does`() throws {
        try write("correct horse\n", to: "right")
        try write("wrong horse\n", to: "wrong")
        try write("", to: "empty")
        let put = try home.sluice(
            "--passphrase-file", "right", "put", "-", "--as", "x", input: [1])
        #expect(put.exitCode == 0, "\(put.errorText)")
        #expect(try home.bytes("--passphrase-file", "right", "get", "x") == [1])
        #expect(
            try home.shell("SLUICE_PASSPHRASE_FILE=right \"$sluice\" get x").output == [1])
        #expect(try home.sluice("--passphrase-file", "wrong", "get", "x").exitCode == 69)
        #expect(try home.sluice("--passphrase-file", "empty", "get", "x").exitCode == 69)
        #expect(try home.sluice("--passphrase-file", "none", "get", "x").exitCode == 69)
        #expect(try home.sluice("get", "x").exitCode == 69)
        #expect(
            try home.sluice("get", "x", "--passphrase-file", "right", "--root-key", "k").exitCode
                == 64)
    }

    private func write(_ passphrase: String, to name: String) throws {
        try home.files.write(Array(passphrase.utf8), to: name)
        FileChange.setMode(0o600, of: home.files.path(name))
    }

    @Test func `a passphrase file has one line of text, with or without its newline`() throws {
        try write("correct horse", to: "bare")
        let put = try home.sluice(
            "--passphrase-file", "bare", "put", "-", "--as", "x", input: [1])
        #expect(put.exitCode == 0, "\(put.errorText)")
        try write("correct horse\n", to: "line")
        #expect(try home.bytes("--passphrase-file", "line", "get", "x") == [1])
        #expect(
            try home.shell("\"$sluice\" --passphrase-file <(cat line) get x").output == [1])
        for wrong in [
            "correct horse\r\n", "correct horse\r", "\u{FEFF}correct horse\n",
            "correct horse\nsecond\n", "correct horse\n\n", "\ncorrect horse\n", "\n",
            "correct\u{0}horse\n",
        ] {
            try write(wrong, to: "wrong")
            let result = try home.sluice("--passphrase-file", "wrong", "get", "x")
            #expect(result.exitCode == 69)
            #expect(result.errorText.contains("one line"), "\(wrong): \(result.errorText)")
        }
        #expect(try home.shell("printf 'correct hors\\xff\\n' > wrong").exitCode == 0)
        #expect(
            try home.sluice("--passphrase-file", "wrong", "get", "x").errorText
                .contains("UTF-8"))
    }

    @Test(arguments: [0o644, 0o640, 0o604, 0o620, 0o610] as [UInt32])
    func `a passphrase file that others can use is refused`(mode: UInt32) throws {
        try write("correct horse\n", to: "open")
        FileChange.setMode(mode, of: home.files.path("open"))
        let result = try home.sluice(
            "--passphrase-file", "open", "put", "-", "--as", "x", input: [1])
        #expect(result.exitCode == 69)
        #expect(result.errorText.contains("chmod 600"))
    }

    @Test func `a passphrase that is too short makes no vaults`() throws {
        try write("x", to: "short")
        let result = try home.sluice(
            "--passphrase-file", "short", "put", "-", "--as", "x", input: [1])
        #expect(result.exitCode == 64)
    }

    @Test func `vaults that others may write to are refused, and doctor says so`() throws {
        try home.put([1], as: "x")
        for place in ["vaults", "vaults/platform", "vaults/platform/vault.db"] {
            let path = home.directory.path(place)
            let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions]
            FileChange.setMode(0o777, of: path)
            let result = try home.sluice("get", "x")
            #expect(result.exitCode == 69, "\(place)")
            #expect(result.errorText.contains("chmod go-w"))
            #expect(try home.text("doctor").contains("chmod go-w"), "\(place)")
            FileChange.setMode((mode as? NSNumber)?.uint32Value ?? 0o700, of: path)
        }
        #expect(try home.bytes("get", "x") == [1])
    }

    @Test func `a key in another form is told the command that converts it, which does`() throws {
        let script = """
            umask 077; set -e
            openssl genrsa -traditional -out key 2048 2>/dev/null
            openssl pkey -in key -outform DER -out der
            openssl pkcs8 -topk8 -in key -passout pass:secret -out encrypted
            openssl req -x509 -key key -subj /CN=a -days 2 -out certificate 2>/dev/null
            openssl pkcs12 -export -inkey key -in certificate -passout pass: -out pfx
            openssl pkey -in key -pubout -out public
            cp key "open ssh's"; ssh-keygen -p -N '' -f "open ssh's" >/dev/null
            printf '{"kty":"RSA","n":"AQAB","e":"AQAB"}' > jwk
            """
        let made = try home.shell(script)
        #expect(made.exitCode == 0, "\(made.errorText)")
        for file in ["der", "encrypted", "pfx", "open ssh's"] {
            let refused = try home.sluice(
                "keyvault", "key", "import", "--name", "k", "--pem-file", file)
            #expect(refused.exitCode == 64, "\(file)")
            let parts = refused.errorText.split(separator: "`")
            var command = String(try #require(parts.count == 3 ? parts[1] : nil, "\(refused)"))
            // What asks is answered.
            if file == "encrypted" { command += " -passin pass:secret" }
            if file == "pfx" { command += " -passin pass:" }
            let converted = try home.shell("umask 077; \(command)")
            #expect(converted.exitCode == 0, "\(command): \(converted.errorText)")
            let imported = try home.sluice(
                "keyvault", "key", "import", "--name", "k", "--pem-file", "converted.pem")
            #expect(imported.exitCode == 0, "\(file): \(imported.errorText)")
            #expect(try home.shell("rm -f converted.pem").exitCode == 0)
        }
        for file in ["certificate", "public", "jwk"] {
            let refused = try home.sluice(
                "keyvault", "key", "import", "--name", "k", "--pem-file", file)
            #expect(refused.exitCode == 64, "\(file)")
            #expect(!refused.errorText.contains("`"), "\(file): \(refused.errorText)")
        }
    }

    @Test func `vaults that aren't the store's are told`() throws {
        let other = try CommandHome()
        try home.put([1], as: "x")
        try other.put([2], as: "x")
        let vaults = other.directory.path("vaults")
        let result = try home.sluice("get", "x", "--vaults", vaults, "--json")
        #expect(result.exitCode == 69)
        #expect(result.output.isEmpty)
    }

    private func hexadecimal(base64URL text: String) -> String {
        let standard = text.replacingOccurrences(of: "-", with: "+")
            .replacingOccurrences(of: "_", with: "/")
        let padding = String(repeating: "=", count: (4 - standard.count % 4) % 4)
        let bytes = Data(base64Encoded: standard + padding) ?? Data()
        return bytes.map { String(format: "%02X", $0) }.joined()
    }
}
