public import SluiceREST

/// A vault, as far as who asks for its keys needs to know it.
public struct ServedVault: Hashable, Sendable {
    /// In lower case.
    public let name: String
    /// Whose tokens it takes.
    public let tenantID: String
    /// By what it decides who may do what.
    public let mode: AccessMode
}
