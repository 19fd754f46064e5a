/// A row of the catalog's `states`: what holds an object besides its bytes (FORMAT section 8).
struct StateRow: Sendable {
    /// Of one that is audited.
    var rowID = 0
    /// Of the object's name.
    var tag: [UInt8]
    var revision: [UInt8]
    var document: [UInt8]
}

/// The state of an object as an operation looked at it: if it isn't that any more, the operation is stale.
struct StateBasis: Sendable, Equatable {
    /// The row's revision; nil if there was none, which is so of most objects, and taken to be so without a look.
    let revision: [UInt8]?

    static let none = StateBasis(revision: nil)
}

/// What is to hold an object from now on.
struct StateOperation: Sendable {
    let tag: [UInt8]
    let basis: StateBasis
    /// Nil if nothing is to hold it.
    let row: StateRow?
    /// For messages.
    let name: ObjectName
    let condition: Condition
    let scope: ScopeUse
}
