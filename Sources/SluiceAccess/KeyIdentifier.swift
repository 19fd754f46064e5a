/// The name of a key in a vault, or of one version of it:
/// `https://VAULT.vault.localhost/keys/NAME[/VERSION]`.
///
/// Without a version it means the newest enabled version. Identifiers differing only in case are
/// equal, as in Key Vault; vault names and versions are kept in lower case, key names as given.
public struct KeyIdentifier: Sendable {
    /// The vault's name: 3 to 24 lower-case letters, digits and single hyphens, from a letter to a
    /// letter or digit.
    public let vault: String

    /// The key's name: 1 to 127 letters, digits and hyphens.
    public let name: String

    /// The version, 32 lower-case hexadecimal digits, or nil.
    public let version: String?

    /// Names a key, or a version of it.
    ///
    /// - Throws: `invalidName`, with the rule that was broken.
    public init(vault: String, name: String, version: String? = nil) throws(VaultError) {
        try Self.validate(keyName: name)
        self.vault = try Self.validated(vaultName: vault)
        self.name = name
        self.version = try version.map { version throws(VaultError) in
            try Self.validated(version: version)
        }
    }

    /// Reads an identifier from its text.
    ///
    /// - Throws: `invalidName`, with the form that is expected or the rule that was broken.
    public init(parsing text: String) throws(VaultError) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard
            parts.count == 5 || parts.count == 6,
            parts[0].lowercased() == "https:", parts[1].isEmpty,
            parts[2].lowercased().hasSuffix(Self.hostSuffix),
            parts[3].lowercased() == "keys"
        else {
            throw VaultError(
                .invalidName,
                "\(Self.quoted(text)) is not a key identifier, which is written as "
                    + "https://VAULT\(Self.hostSuffix)/keys/NAME or …/keys/NAME/VERSION")
        }
        try self.init(
            vault: String(parts[2].dropLast(Self.hostSuffix.utf8.count)),
            name: String(parts[4]),
            version: parts.count == 6 ? String(parts[5]) : nil)
    }

    /// The identifier of one version of this key.
    ///
    /// - Throws: `invalidName` unless `version` is 32 hexadecimal digits.
    public func versioned(_ version: String) throws(VaultError) -> KeyIdentifier {
        KeyIdentifier(
            checkedVault: vault, name: name, version: try Self.validated(version: version))
    }

    /// The identifier of the key as a whole.
    public var versionless: KeyIdentifier {
        KeyIdentifier(checkedVault: vault, name: name, version: nil)
    }

    /// Where the vault is reached: `https://VAULT.vault.localhost`, without a slash at its end.
    package static func vaultURI(_ vault: String) -> String { "https://\(vault)\(hostSuffix)" }

    private init(checkedVault vault: String, name: String, version: String?) {
        self.vault = vault
        self.name = name
        self.version = version
    }
}

extension KeyIdentifier: Hashable {
    /// Whether both name the same key, and the same version or none.
    public static func == (left: KeyIdentifier, right: KeyIdentifier) -> Bool {
        left.version == right.version && left.vault == right.vault
            && (left.name == right.name || left.name.lowercased() == right.name.lowercased())
    }

    /// Hashes what tells identifiers apart: a version is unique by itself, being random, and this is on
    /// the path of every wrap and unwrap.
    public func hash(into hasher: inout Hasher) {
        if let version {
            hasher.combine(version)
        } else {
            hasher.combine(vault)
            hasher.combine(name.lowercased())
        }
    }
}

extension KeyIdentifier: CustomStringConvertible {
    /// The identifier's text.
    public var description: String { text(in: "keys", at: nil) }

    /// The text with another collection's name, or where a client reaches the vault by another address than
    /// ``vaultURI(_:)``, which is without a slash at its end.
    package func text(in collection: String, at vaultURI: String?) -> String {
        let key = "\(vaultURI ?? Self.vaultURI(vault))/\(collection)/\(name)"
        return version.map { "\(key)/\($0)" } ?? key
    }
}

extension CodingUserInfoKey {
    /// The address, a `String`, by which a client reaches the vault of what is encoded for it.
    package static var vaultURI: CodingUserInfoKey {
        guard let key = CodingUserInfoKey(rawValue: "sluice.vaultURI") else {
            preconditionFailure("a key is made of any text")
        }
        return key
    }
}

extension Encoder {
    /// What identifiers are to begin with; nil for their own address.
    package var vaultURI: String? { userInfo[.vaultURI] as? String }
}

extension KeyIdentifier: Codable {
    /// Reads the identifier's text.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        do {
            try self.init(parsing: text)
        } catch {
            throw DecodingError.dataCorruptedError(
                in: container, debugDescription: error.message)
        }
    }

    /// Writes the identifier's text.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(text(in: "keys", at: encoder.vaultURI))
    }
}

// MARK: Rules

extension KeyIdentifier {
    private static let hostSuffix = ".vault.localhost"

    /// The vault name in lower case, if it is well formed.
    package static func validated(vaultName: String) throws(VaultError) -> String {
        let name = Array(vaultName.lowercased().utf8)
        let isWellFormed =
            (3...24).contains(name.count) && name.allSatisfy(isNameByte)
            && name.first.map(isLetter) == true && name.last != hyphen
            && !zip(name, name.dropFirst()).contains { $0 == hyphen && $1 == hyphen }
        guard isWellFormed else {
            throw VaultError(
                .invalidName,
                "\(quoted(vaultName)) is not a vault name, which has 3 to 24 letters, digits and single "
                    + "hyphens, begins with a letter and ends with a letter or digit",
                about: .vault(vaultName))
        }
        return vaultName.lowercased()
    }

    /// Accepts a well-formed key name.
    static func validate(keyName: String) throws(VaultError) {
        guard (1...127).contains(keyName.utf8.count), keyName.utf8.allSatisfy(isNameByte) else {
            throw VaultError(
                .invalidName,
                "\(quoted(keyName)) is not a key name, which has 1 to 127 letters, digits and hyphens"
            )
        }
    }

    /// The version in lower case, if it is well formed.
    private static func validated(version: String) throws(VaultError) -> String {
        guard version.utf8.count == 32, version.utf8.allSatisfy(isHexadecimalByte) else {
            throw VaultError(
                .invalidName,
                "\(quoted(version)) is not a key version, which has 32 hexadecimal digits")
        }
        return version.lowercased()
    }

    /// What a message quotes of a text that is not ours: it may be of any length.
    private static func quoted(_ text: String) -> String {
        text.utf8.count <= 200 ? "'\(text)'" : "'\(text.prefix(80))…'"
    }

    private static let hyphen = UInt8(ascii: "-")

    private static func isLetter(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        isLetter(byte) || isDigit(byte) || byte == hyphen
    }

    private static func isHexadecimalByte(_ byte: UInt8) -> Bool {
        isDigit(byte) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte | 0x20)
    }
}
