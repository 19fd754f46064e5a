/// Something to do about an error: a value that a program can act upon, and that each front end renders in its own way.
///
/// ``description`` says it in plain words, without a command's name; ``code`` and ``parameters`` say it to programs.
/// New cases may come; switch with a default.
public enum Remedy: Hashable, Sendable {
    /// See what there is.
    case list(Listing)
    /// Make what is missing.
    case make(Making)
    /// Name or choose something else.
    case choose(Choice)
    /// Change what keys may be used for, and by whom.
    case change(KeyChange)
    /// Run an operation of the store or the vaults.
    case run(Operation)
    /// Change something about the machine, or the process.
    case machine(MachineChange)
    /// Try again, now or a little later.
    case tryAgain
    /// Open the store, or the vaults, again.
    case reopen
    /// Restore the store, or an object of it, from a backup.
    case restoreBackup
    /// Restore the vaults from a backup.
    case restoreVaults
    /// Put back what was moved away: this.
    case putBack(String)
    /// Take a newer version of Sluice.
    case updateSluice
    /// Anything else, in words that name no command.
    case other(String)
}

extension Remedy: CustomStringConvertible {
    /// The name of its kind, as in `createScope`: it stays what it is.
    public var code: String {
        switch self {
        case .list(let listing): listing.code
        case .make(let making): making.code
        case .choose(let choice): choice.code
        case .change(let change): change.code
        case .run(let operation): operation.code
        case .machine(let change): change.code
        case .tryAgain: "tryAgain"
        case .reopen: "reopen"
        case .restoreBackup: "restoreBackup"
        case .restoreVaults: "restoreVaults"
        case .putBack: "putBack"
        case .updateSluice: "updateSluice"
        case .other: "other"
        }
    }

    /// What it takes, by name: paths, names, key identifiers, and operations with spaces between them. Empty for what
    /// takes nothing.
    public var parameters: [String: String] {
        switch self {
        case .list(let listing): listing.parameters
        case .make(let making): making.parameters
        case .choose(let choice): choice.parameters
        case .change(let change): change.parameters
        case .run(let operation): operation.parameters
        case .machine(let change): change.parameters
        case .putBack(let what): ["what": what]
        case .tryAgain, .reopen, .restoreBackup, .restoreVaults, .updateSluice, .other: [:]
        }
    }

    /// What to do, in plain words.
    public var description: String {
        switch self {
        case .list(let listing): listing.description
        case .make(let making): making.description
        case .choose(let choice): choice.description
        case .change(let change): change.description
        case .run(let operation): operation.description
        case .machine(let change): change.description
        case .tryAgain: "try again"
        case .reopen: "open it again"
        case .restoreBackup: "restore a backup"
        case .restoreVaults: "restore the vaults from a backup"
        case .putBack(let what): "put \(what) back, from where it was moved to or from a backup"
        case .updateSluice: "update Sluice"
        case .other(let words): words
        }
    }
}
