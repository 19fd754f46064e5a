internal import SluiceAccess
internal import SluiceVault

// What answers say besides the vault's own shapes, in the names that they say it by.

/// A part of a listing.
struct KeyVaultList<Item: Encodable>: Encodable {
    let value: [Item]
    /// Where the next part is; nil for none.
    let nextLink: String?

    /// The part of all items that is asked for, in the order of what tells one from another.
    init(
        _ items: [Item], _ page: KeyVaultPage, at address: String, by place: (Item) -> String
    ) {
        let rest =
            items.map { (place($0), $0) }
            .sorted { $0.0 < $1.0 }
            .drop { item in page.after.map { item.0 <= $0 } ?? false }
        value = rest.prefix(page.limit).map(\.1)
        nextLink =
            rest.count <= page.limit
            ? nil
            : rest.prefix(page.limit).last.map { last in
                let token = Base64.encodeForURL(Array(last.0.utf8))
                return "\(address)?api-version=\(page.apiVersion)&$skiptoken=\(token)"
                    + "&maxresults=\(page.limit)"
            }
    }
}

/// What came of encrypting, decrypting, wrapping, unwrapping or signing.
struct KeyOperationAnswer: Encodable {
    let kid: KeyIdentifier
    let value: WireBytes
}

/// Whether a signature is valid.
struct KeyVerifyAnswer: Encodable {
    let value: Bool
}

/// A backup of a key.
struct KeyBackupAnswer: Encodable {
    let value: WireBytes
}

/// A key's rotation policy, with its address.
struct RotationPolicyAnswer: Encodable {
    let id: String
    let lifetimeActions: [RotationPolicy.LifetimeAction]
    let attributes: RotationPolicy.Attributes

    init(_ policy: RotationPolicy, of key: KeyIdentifier, at vaultURI: String) {
        id = key.text(in: "keys", at: vaultURI) + "/rotationpolicy"
        lifetimeActions = policy.lifetimeActions
        attributes = policy.attributes
    }
}
