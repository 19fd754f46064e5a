/// A way to take a store's access to its key away.
enum Revocation: String, CaseIterable, Sendable {
    case policy, identity, deleted, disabled
}
