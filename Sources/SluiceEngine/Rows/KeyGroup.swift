internal import SluiceAccess

/// Data keys of a scope that are wrapped under one version, in one way.
struct KeyGroup: Hashable, Sendable {
    /// The version's row in `keys`.
    let keyRowID: Int
    /// The wrapping scheme (FORMAT section 4).
    let scheme: UInt8
}

extension ObjectRow {
    /// How its data key is wrapped now.
    var keyGroup: KeyGroup { KeyGroup(keyRowID: keyRowID, scheme: wrapped.scheme) }
}

extension ScopeRecord {
    /// How data keys of new objects are wrapped, and those of others come to be.
    var keyGroup: KeyGroup { KeyGroup(keyRowID: currentKeyRowID, scheme: wrapping.scheme) }
}
