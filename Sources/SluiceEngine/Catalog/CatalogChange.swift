/// A part of a transaction. It checks its conditions before it writes, or is undone with the whole.
typealias CatalogWork = @Sendable (inout CatalogWriter) throws(StoreError) -> Void

/// What one caller wants committed. The works say what the COMMIT needs of the vaults; those of which a need is
/// refused take no effect.
struct CatalogChange: Sendable {
    var works: [CatalogWork]
    /// Whether it makes room, and so may use the reserve when the disk is full.
    var freesSpace = false
}
