/// Which state of a vault's database was seen: between two times when it was the same, nobody has committed
/// anything, in whichever process.
///
/// What one connection tells of it is nothing to another.
struct VaultVersion: Equatable, Sendable {
    /// Which connection, of all that this process has ever had.
    let connection: Int
    /// Its `data_version`; in memory how many changes were begun.
    let number: Int
}
