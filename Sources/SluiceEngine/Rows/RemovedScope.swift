/// A scope that was removed, of which rows may be left.
struct RemovedScope: Sendable {
    /// What its row's id was.
    let rowID: Int
    let scopeID: [UInt8]
    /// The vault of the key that it was under.
    let vault: String
}
