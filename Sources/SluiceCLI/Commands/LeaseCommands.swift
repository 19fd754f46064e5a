internal import ArgumentParser
internal import Sluice

/// `sluice lease`.
struct LeaseCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "lease",
        abstract: "Leases: who alone may change an object.",
        usage: "sluice lease <command> [<options>]",
        discussion: """
            While an object is leased, `put`, `set`, `rm` and whatever else changes it take the \
            lease's id, with --lease, and are refused without. Everybody may read it. `sluice stat` \
            says whether it is leased.

            EXAMPLE:
              sluice lease acquire app.db --duration 60
              sluice put app.db --lease <id>
              sluice lease release app.db --lease <id>
            """,
        subcommands: [
            LeaseAcquireCommand.self, LeaseRenewCommand.self, LeaseReleaseCommand.self,
            LeaseBreakCommand.self,
        ])
}

/// `sluice lease acquire`.
struct LeaseAcquireCommand: GlobalCommand {
    static let configuration = CommandConfiguration(
        commandName: "acquire",
        abstract: "Lease an object, and print the lease's id.",
        usage: "sluice lease acquire <name> [--duration <time>] [--id <id>] [<options>]")

    @Argument(help: "The object's name.")
    var name: String

    @Option(
        help: ArgumentHelp(
            "How long it lasts: seconds, or as PT15M. (default: until it is ended)",
            valueName: "time"),
        transform: SpanArgument.parse)
    var duration: SpanArgument?

    @Option(
        help: ArgumentHelp("What it shall be called: a UUID of yours.", valueName: "id"),
        transform: LeaseID.parse)
    var id: LeaseID?

    @OptionGroup var global: GlobalOptions

    func run() throws {
        try global.changeLease(of: name, "leased") { store, name throws(StoreError) in
            try store.leases.acquire(
                name, for: duration.map { .seconds($0.seconds) }, as: id, in: global.scopeName)
        }
    }
}

/// The lease that a command is about.
struct OwnLeaseOption: ParsableArguments {
    @Option(help: ArgumentHelp("Its id.", valueName: "id"), transform: LeaseID.parse)
    var lease: LeaseID
}

/// `sluice lease renew`.
struct LeaseRenewCommand: GlobalCommand {
    static let configuration = CommandConfiguration(
        commandName: "renew",
        abstract: "Have a lease begin anew, for as long as it was acquired.",
        usage: "sluice lease renew <name> --lease <id> [<options>]")

    @Argument(help: "The object's name.")
    var name: String

    @OptionGroup var own: OwnLeaseOption
    @OptionGroup var global: GlobalOptions

    func run() throws {
        try global.changeLease(of: name, "renewed the lease of") {
            store, name throws(StoreError) in
            try store.leases.renew(name, own.lease, in: global.scopeName)
        }
    }
}

/// `sluice lease release`.
struct LeaseReleaseCommand: GlobalCommand {
    static let configuration = CommandConfiguration(
        commandName: "release",
        abstract: "End a lease that you have.",
        usage: "sluice lease release <name> --lease <id> [<options>]")

    @Argument(help: "The object's name.")
    var name: String

    @OptionGroup var own: OwnLeaseOption
    @OptionGroup var global: GlobalOptions

    func run() throws {
        try global.changeLease(of: name, "released") { store, name throws(StoreError) -> Lease? in
            try store.leases.release(name, own.lease, in: global.scopeName)
            return nil
        }
    }
}

/// `sluice lease break`.
struct LeaseBreakCommand: GlobalCommand {
    static let configuration = CommandConfiguration(
        commandName: "break",
        abstract: "End a lease, whoever has it.",
        usage: "sluice lease break <name> [--after <time>] [<options>]",
        discussion: """
            Without --after it lasts as long as it would have, and one that has no end is over at \
            once.
            """)

    @Argument(help: "The object's name.")
    var name: String

    @Option(
        help: ArgumentHelp(
            "How long it still holds, at most: seconds, or as PT15M; 0 ends it at once.",
            valueName: "time"),
        transform: SpanArgument.parse)
    var after: SpanArgument?

    @OptionGroup var global: GlobalOptions

    func run() throws {
        try global.changeLease(of: name, "broke the lease of") { store, name throws(StoreError) in
            try store.leases.break(
                name, after: after.map { .seconds($0.seconds) }, in: global.scopeName)
        }
    }
}

/// `sluice hold`.
struct HoldCommand: GlobalCommand {
    static let configuration = CommandConfiguration(
        commandName: "hold", _superCommandName: SluiceCommand.name,
        abstract: "Keep an object from being changed by anybody, or no longer.",
        usage: "sluice hold <name> on|off [--at <time>] [<options>]",
        discussion: """
            A held object can be read, but neither overwritten, renamed nor removed; only its tier \
            and tags can be changed. `sluice stat` says whether it is held.

            EXAMPLE:
              sluice hold contract.pdf on
            """)

    enum Switch: String, ExpressibleByArgument, CaseIterable {
        case on, off
    }

    @Argument(help: "The object's name.")
    var name: String

    @Argument(help: ArgumentHelp("Whether it is held.", valueName: "on|off"))
    var isHeld: Switch

    @OptionGroup var version: VersionOption
    @OptionGroup var global: GlobalOptions

    func run() throws {
        let own = try ObjectName(name)
        let hold = try global.session.write { store, _ in
            let name = try version.name(own, in: store, global.scopeName)
            return try global.tellingTrees(of: name, in: store) {
                var hold = try store.leases.hold(on: name, in: global.scopeName)
                hold.isHeld = isHeld == .on
                try store.leases.setHold(hold, on: name, in: global.scopeName)
                return hold
            }
        }
        let shown = global.output.shown(name)
        try global.output.print(
            HoldDocument(hold),
            text: hold.isHeld
                ? "\(shown) is held: nobody can change it\n" : "\(shown) is held no longer\n")
    }
}

extension GlobalOptions {
    /// Changes the lease of an object, and prints what it is then.
    fileprivate func changeLease(
        of name: String, _ done: String, _ change: (Store, ObjectName) throws -> Lease?
    ) throws {
        let name = try ObjectName(name)
        let lease = try session.write { store, _ in
            try tellingTrees(of: name, in: store) { try change(store, name) }
        }
        let document = lease.map { LeaseDocument($0) }
        let id = document.map { " as \($0.id), \($0.standing)" } ?? ""
        try output.print(
            LeaseChangeDocument(name: name.description, lease: document),
            text: "\(done) \(output.shown(name.description))\(id)\n")
    }
}

/// The lease of an object, as `--json` prints it; none after it was released.
private struct LeaseChangeDocument: Encodable {
    let name: String
    let lease: LeaseDocument?
}

/// A lease as `--json` prints it.
struct LeaseDocument: Encodable {
    let id: String
    /// `leased`, `breaking`, `broken` or `expired`.
    let state: String
    /// Nil if it has no end.
    let durationSeconds: Int?
    /// When it ends or has ended; nil if it has no end.
    let end: String?

    init(_ lease: Lease) {
        id = lease.id.description
        state = lease.state.rawValue
        durationSeconds = lease.duration.map { Int($0.components.seconds) }
        end = lease.endMilliseconds.map { Timestamp(milliseconds: $0).description }
    }

    /// What has become of it, for people: `leased until 2026-01-31T12:34:56Z`.
    var standing: String {
        guard let end else { return "\(state) until it is ended" }
        return state == "broken" || state == "expired"
            ? "\(state) at \(end)" : "\(state) until \(end)"
    }
}

/// What holds an object, as `--json` prints it.
struct HoldDocument: Encodable {
    let isHeld: Bool
    /// Until when it is retained; nil if it isn't.
    let retainedUntil: String?
    let isRetentionLocked: Bool

    init(_ hold: ObjectHold) {
        isHeld = hold.isHeld
        retainedUntil = hold.untilMilliseconds.map { Timestamp(milliseconds: $0).description }
        isRetentionLocked = hold.isLocked
    }

    /// What of it there is to tell people; nil if nothing holds the object.
    var standing: String? {
        let retention = retainedUntil.map { "until \($0)" }
        let parts = [isHeld ? "until it is taken back" : nil, retention].compactMap { $0 }
        return parts.isEmpty ? nil : parts.joined(separator: ", and ")
    }
}
