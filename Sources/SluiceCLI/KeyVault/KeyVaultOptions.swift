internal import ArgumentParser
internal import Sluice

/// What all commands about vaults take.
struct ActorOptions: ParsableArguments {
    @Option(
        name: .customLong("as"),
        help: ArgumentHelp(
            "Act with the permissions of this identity, not as the owner.", valueName: "object-id"),
        transform: UUIDText.parse)
    var objectID: String?

    @Option(
        name: [.customShort("g"), .long],
        help: ArgumentHelp("Taken and ignored, as there are none here.", valueName: "group"))
    var resourceGroup: String?

    /// Who asks.
    var identity: Identity { objectID.map(Identity.init(objectID:)) ?? .owner }
}

/// A vault, by its name.
struct VaultNameOption: ParsableArguments {
    @Option(
        name: [.customShort("n"), .long], help: ArgumentHelp("The vault.", valueName: "vault"))
    var name: String
}

/// The vault that a key is in.
struct VaultOption: ParsableArguments {
    /// The vault that is meant when none is named; it is made when it is first needed.
    static let defaultName = "default"

    @Option(
        name: .customLong("vault-name"),
        help: ArgumentHelp("The vault. (default: default)", valueName: "vault"))
    var givenName: String?

    /// The vault's name.
    var name: String { givenName ?? Self.defaultName }
}

/// A key, by its name or its identifier.
struct KeyOptions: ParsableArguments {
    @OptionGroup var vault: VaultOption

    @Option(
        name: [.customShort("n"), .customLong("name")],
        help: ArgumentHelp("The key: letters, digits and hyphens.", valueName: "key"))
    var name: String?

    @Option(
        help: ArgumentHelp(
            "The key's identifier, in place of its name and vault.", valueName: "key-id"),
        transform: KeyIdentifier.parse)
    var id: KeyIdentifier?

    func validate() throws {
        guard (id == nil) != (name == nil) else {
            throw ValidationError("name the key with either --name or --id")
        }
        guard let id, let given = vault.givenName else { return }
        guard given.lowercased() == id.vault else {
            throw ValidationError("--vault-name '\(given)' is not the vault in --id")
        }
    }

    /// The key, or the version that is named.
    func identifier(version: String? = nil) throws -> KeyIdentifier {
        guard let id else {
            if let version { try Self.requireVersion(version) }
            return try KeyIdentifier(vault: vault.name, name: name ?? "", version: version)
        }
        guard let version else { return id }
        try Self.requireVersion(version)
        guard id.version == nil else {
            throw Failure(
                .invalidArgument, "the identifier in --id has a version", about: .key(id),
                remedies: [.other("leave --version out")])
        }
        return try id.versioned(version)
    }

    /// Refuses what names a key as well.
    private static func requireVersion(_ version: String) throws(Failure) {
        guard version.contains("/") else { return }
        throw Failure(
            .invalidArgument,
            "'\(version)' is a key's identifier, and --version takes a version alone",
            remedies: [.other("give the identifier with --id, in place of --name and --version")])
    }
}

/// What the commands take that change who has access.
struct ConfirmationOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "How long to wait until every process has confirmed.", valueName: "seconds"))
    var wait: Double = 5

    func validate() throws {
        guard wait >= 0 else { throw ValidationError("--wait takes seconds, 0 or more") }
    }

    /// Until when to wait.
    var deadline: Deadline { .seconds(wait) }

    /// Returns if every process has confirmed a change; it stands in any case.
    func check<Result>(_ change: AccessChange<Result>) throws(Failure) {
        try check(change.confirmation)
    }

    /// Returns if every process has confirmed all changes; they stand in any case.
    func check(_ confirmation: BarrierConfirmation) throws(Failure) {
        guard !confirmation.isConfirmed else { return }
        let processIDs =
            confirmation.unconfirmedProcessIDs.map(String.init)
            + confirmation.unconfirmedElsewhere.map {
                "\($0) as another process namespace numbers it, such as a container's"
            }
        let processes =
            processIDs.isEmpty ? "some that can't be told" : processIDs.joined(separator: ", ")
        throw Failure(
            code: "notConfirmed",
            reason:
                "the change stands, but these processes have not confirmed it within \(wait) s, "
                + "and may still hand out what they were handing out before: \(processes)",
            remedies: [.other("see that they are not stopped"), .run(.confirmAccess)],
            exitCode: 75)
    }
}
