internal import SluiceNative

/// An object that was read, and its keys. The next read of its name looks at its row at once, without the index
/// of names; as long as that is the same to the byte, there is nothing to authenticate but the bytes.
final class KnownObject: Sendable {
    let object: OpenObject
    let keys: ObjectKeys

    init(_ object: OpenObject, _ keys: ObjectKeys) {
        self.object = object
        self.keys = keys
    }
}

/// What is known of the objects of a scope.
struct KnownObjects: Sendable {
    let cache: KeyCache<KnownObject>
    let scope: Scope

    /// What was last known of the object with that tag: to be held against its row. What was authenticated
    /// by the keys of another scope, or of the same one opened before, isn't known.
    subscript(tag: [UInt8]) -> KnownObject? {
        guard let known = cache.key(of: tag.span), known.object.scope === scope else { return nil }
        return known
    }
}
