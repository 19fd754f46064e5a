internal import SluiceAccess
internal import SluiceFormat

/// A row of the catalog's `scopes` (FORMAT section 3).
///
/// Equal means the same bytes in the row, for then nobody authenticates it again: text that may have other than ASCII
/// characters is to be `[UInt8]` here, as strings that differ in their bytes can be equal.
struct ScopeRecord: Sendable, Equatable {
    var rowID: Int
    var scopeID: [UInt8]
    var name: ScopeName
    var keySetting: KeyIdentifier
    var rewrapMode: RewrapMode
    var pollSeconds: Int
    /// When the vault was last asked which version is the newest, in milliseconds since 1970 by the
    /// vaults' clock; no more than a note, which nothing authenticates.
    var polledMilliseconds: Int
    var retention: RetentionPolicy
    var wrapping: KeyWrapping
    /// As whom its keys are asked for, but for the platform's; nil for the store itself.
    var ownIdentity: Identity?
    var currentKey: KeyIdentifier
    /// `keys.id` of the current key.
    var currentKeyRowID: Int
    var scheme: UInt8
    var wrappedKey: [UInt8]
    var commitment: [UInt8]
    var createdMilliseconds: Int
    /// The authentication code over all of the above.
    var code: [UInt8]

    /// Its own identity as the row has it: empty for the store's.
    var identityText: String { ownIdentity?.objectID ?? "" }

    func binding(storeID: [UInt8]) -> ScopeBinding {
        ScopeBinding(
            storeID: storeID, scopeID: scopeID, name: name.description,
            keySetting: keySetting.description, rewrapMode: rewrapMode.code,
            pollSeconds: UInt32(clamping: pollSeconds), keepsVersions: retention.keepsVersions,
            removedSeconds: UInt32(clamping: retention.removedSeconds),
            dataKeyScheme: wrapping.scheme, identity: identityText, scheme: scheme,
            keyIdentifier: currentKey.description, wrappedKey: wrappedKey,
            commitment: commitment, createdMilliseconds: createdMilliseconds)
    }
}

extension KeyWrapping {
    /// The scheme's number (FORMAT section 4).
    var scheme: UInt8 {
        switch self {
        case .direct: Format.schemeRSAOAEP256
        case .intermediate: Format.schemeIntermediateKey
        }
    }

    /// The wrapping of a scheme's number; nil if there is none.
    init?(scheme: UInt8) {
        guard let wrapping = Self.allCases.first(where: { $0.scheme == scheme }) else { return nil }
        self = wrapping
    }
}
