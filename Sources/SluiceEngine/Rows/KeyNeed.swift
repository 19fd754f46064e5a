/// What a catalog needs a key version for.
struct KeyNeed: Sendable {
    /// How many data keys are wrapped under it: at least as many objects need them.
    var dataKeyCount = 0
    /// The name of a scope that they are in, if that scope is there.
    var dataKeyScope: String?
    /// The name of a scope whose key is wrapped under it.
    var scopeName: String?
    /// Whether that scope is pinned to it.
    var isScopePinned = false
}
