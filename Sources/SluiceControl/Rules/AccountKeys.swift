internal import SluiceAccess
internal import SluiceNative
internal import SluiceREST

/// The Shared Keys of storage accounts: documents apart from those that are shown. For any thread.
public struct AccountKeys: Sendable {
    /// A key, by which requests are signed.
    public struct Key: Sendable {
        /// `key1` or `key2`.
        public let name: String
        /// Base64 of 64 bytes.
        public let value: String
        /// When it was made, as the service writes it.
        public let created: String
    }

    private static let names = ["key1", "key2"]
    private let documents: Documents
    private let unique: UniqueText

    init(_ documents: Documents, _ unique: UniqueText) {
        self.documents = documents
        self.unique = unique
    }

    /// The keys of an account; none if there is no such account.
    public func keys(of account: ResourceID) throws(ControlError) -> [Key] {
        let document = try documents.document(Self.place(account))
        return Self.names.compactMap { name in
            guard let key = document?[name], let value = key["value"]?.string,
                let created = key["created"]?.string
            else { return nil }
            return Key(name: name, value: value, created: created)
        }
    }

    /// Makes another key in the place of one: what it signed is refused from now on.
    ///
    /// - Throws: `InvalidRequestPropertyValue` if no key has the name.
    public func regenerate(_ name: String, of account: ResourceID) throws(ControlError) {
        guard Self.names.contains(name) else {
            throw ControlError(
                .badRequest, "InvalidRequestPropertyValue",
                "The value '\(name.prefix(40))' is not allowed for property keyName: it is key1 or key2."
            )
        }
        let key = try makeKey()
        try documents.change(Self.place(account)) { old throws(ControlError) in
            (old ?? .null).merged(with: .object(JSONObject())).merged(with: [name: key])
        }
    }

    func makeMissing(of account: ResourceID) throws(ControlError) {
        guard try documents.document(Self.place(account)) == nil else { return }
        _ = try documents.add(["key1": makeKey(), "key2": makeKey()], as: Self.place(account))
    }

    func remove(of account: ResourceID) throws(ControlError) {
        try documents.remove(Self.place(account))
    }

    private func makeKey() throws(ControlError) -> JSON {
        [
            "value": .string(Base64.encode(try unique.random(64))),
            "created": .string(Timestamp.text(milliseconds: WallClock.nowMilliseconds)),
        ]
    }

    private static func place(_ account: ResourceID) -> String { "keys\(account.key)" }
}
