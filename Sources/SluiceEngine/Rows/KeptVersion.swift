/// What is to become of the object that an operation takes the name of, or takes away, in a scope that keeps such.
struct Keeping: Sendable {
    /// The object as it was looked at, and as it is to stay; nil if there was none. If it isn't so any more, the
    /// operation is stale.
    let version: KeptVersion?
}

/// An object that is to stay as a version.
struct KeptVersion: Sendable {
    /// As it was looked at.
    let row: ObjectRow
    /// The same, with the tag, the directory, the revision and the document of the version.
    let kept: ObjectRow
    let directories: DirectoryBasis
    /// When it goes for good, in milliseconds since 1970; nil if it stays until it is removed.
    let dueMilliseconds: Int?
}

/// An object of which there is to be a version.
struct SnapshotOperation: Sendable {
    let version: KeptVersion
    /// For messages: the rows have the name sealed.
    let name: ObjectName
    let condition: Condition
    let scope: ScopeUse
}
