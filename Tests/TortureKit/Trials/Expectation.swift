internal import Sluice

/// What a store must hold after operations that were acknowledged.
struct Expectation {
    /// By name, an index into ``TrialHome/contents``.
    var objects: [String: Int] = [:]
    /// By name, what was last said of an object since it was put.
    var said: [String: String] = [:]
    /// The versions of the store's key that exist.
    var versions: Set<String> = []
    /// Whether there may be others, which nobody has been told of.
    var mayHaveOtherVersions = false
    /// Whether a power cut may have left a blob that no row names: the rows of a store that doesn't wait for the
    /// disk are lost more easily than what it did before.
    var mayHaveOrphans = false
    /// Objects that a store made that doesn't wait for the disk: they may be spoilt until a durable commit comes.
    var unsynced: Set<String> = []
    /// Versions that no object needs any more.
    var unneeded: Set<String> = []
    /// How access to the key was taken away; nil while it is there.
    var revocation: Revocation?
}
