internal import SluiceNative

/// Who asks a vault: an object id of a directory, as in an access policy, or the vaults' owner, whom no object id
/// names.
///
/// Object ids that differ only in case are equal, as in Key Vault, and kept in lower case.
public struct Identity: Hashable, Sendable {
    /// The object id, in lower case; of the owner, what a log calls him.
    public let objectID: String
    private let role: Role

    private enum Role: Sendable { case principal, owner, rotationPolicy }

    /// Names an identity. None that is named so is the owner.
    public init(objectID: String) { self.init(objectID.lowercased(), .principal) }

    private init(_ objectID: String, _ role: Role) {
        self.objectID = objectID
        self.role = role
    }

    /// The identity that belongs to a store: its id, 16 bytes, written as a UUID.
    public init(storeID: [UInt8]) {
        precondition(storeID.count == 16, "a store's id has 16 bytes")
        let parts = [0..<4, 4..<6, 6..<8, 8..<10, 10..<16]
        let groups = parts.map { String(hexadecimal: Array(storeID[$0])) }
        self.init(groups.joined(separator: "-"), .principal)
    }

    /// The vaults' owner, to whom every operation is open.
    public static let owner = Identity("owner", .owner)
    /// What a vault does by itself because a key's rotation policy says so is logged under this name.
    package static let rotationPolicy = Identity("rotation-policy", .rotationPolicy)
}

// MARK: Rules

extension Identity {
    /// The id of the store whose identity it is, if it is one's: a UUID.
    package var storeID: [UInt8]? {
        let groups = objectID.utf8.split(
            separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
        guard role == .principal, groups.map(\.count) == [8, 4, 4, 4, 12] else { return nil }
        return [UInt8](hexadecimal: String(decoding: groups.joined(), as: UTF8.self))
    }

    /// Returns if access can be given to it and taken from it.
    ///
    /// - Throws: `invalidArgument` if it is the owner, or no object id.
    package func validate() throws(VaultError) {
        guard role == .principal, ![Self.owner, .rotationPolicy].map(\.objectID).contains(objectID)
        else {
            throw VaultError(
                .invalidArgument,
                "the vaults' owner may do everything, and has no permissions to change",
                remedies: [.other("name another identity")])
        }
        let isWellFormed =
            (1...128).contains(objectID.utf8.count)
            && objectID.utf8.allSatisfy { byte in
                (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
                    || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
                    || "-_.@".utf8.contains(byte)
            }
        guard isWellFormed else {
            throw VaultError(
                .invalidArgument,
                "'\(objectID.prefix(80))' is not an object id, which has 1 to 128 letters, digits and -_.@",
                about: .identity(String(objectID.prefix(80))))
        }
    }
}
