/// What an identity may be permitted to do with the keys of a vault, in the words of a Key Vault access
/// policy.
public enum KeyOperation: String, CaseIterable, Codable, Hashable, Sendable {
    case get, list, update, create, `import`, delete, recover, backup, restore, purge
    case encrypt, decrypt, wrapKey, unwrapKey, sign, verify
    case rotate, getRotationPolicy, setRotationPolicy

    /// The operations that a key's own `key_ops` allow or don't, in the order that Key Vault lists them.
    public static let ofKeys: [KeyOperation] = [
        .encrypt, .decrypt, .sign, .verify, .wrapKey, .unwrapKey,
    ]

    /// What the identity of a store must be permitted to use a key: `get`, `wrapKey` and `unwrapKey`.
    public static let ofStores: [KeyOperation] = [.get, .wrapKey, .unwrapKey]

    /// Reads an operation's name; case doesn't matter, as in Key Vault.
    public init?(parsing text: String) {
        let name = text.lowercased()
        guard let operation = Self.allCases.first(where: { $0.rawValue.lowercased() == name })
        else { return nil }
        self = operation
    }

    /// Whether it makes something new that depends on the key, which needs a key inside its nbf…exp.
    package var bindsNewData: Bool { [.wrapKey, .encrypt, .sign].contains(self) }
}
