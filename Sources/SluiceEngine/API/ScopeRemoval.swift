public import SluiceAccess

/// What became of the removal of a scope, which stands.
public struct ScopeRemoval: Sendable {
    /// The scope's name, which is free again.
    public let name: ScopeName
    /// How many objects were in it, as they were counted.
    public let objectCount: Int
    /// Their plaintext bytes together.
    public let byteCount: Int
    /// Who has confirmed that it looks for the scope anew; nil if the scope's vault could not be asked: then other processes
    /// that have the scope open may go on reading from it for a minute.
    public let confirmation: BarrierConfirmation?
}
