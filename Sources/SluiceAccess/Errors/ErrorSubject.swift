/// What an error is about.
public enum ErrorSubject: Hashable, Sendable {
    /// An object, by its name as text.
    case object(String)
    /// A scope.
    case scope(String)
    /// A pin.
    case pin(String)
    /// A key, or a version of it.
    case key(KeyIdentifier)
    /// A vault.
    case vault(String)
    /// An identity, by its object id.
    case identity(String)
    /// A file or directory, by its path.
    case file(String)
    /// A store, by its directory.
    case store(String)

    /// What kind of thing it is, as in `object`.
    public var kind: String {
        switch self {
        case .object: "object"
        case .scope: "scope"
        case .pin: "pin"
        case .key: "key"
        case .vault: "vault"
        case .identity: "identity"
        case .file: "file"
        case .store: "store"
        }
    }

    /// Its name, path or identifier.
    public var name: String {
        switch self {
        case .object(let name), .scope(let name), .pin(let name), .vault(let name),
            .identity(let name), .file(let name), .store(let name):
            name
        case .key(let key): key.description
        }
    }
}
