internal import ArgumentParser
internal import Sluice

/// `--at`: a version in place of an object as it is now.
struct VersionOption: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "A version of it: when it was made, as `sluice versions` shows.", valueName: "time"),
        transform: Self.id)
    var at: VersionID?

    private static func id(_ text: String) throws -> VersionID {
        guard let id = VersionID(text) else {
            throw ValidationError(
                "'\(text)' is no version: copy one that `sluice versions` shows, as 2026-11-30T10:25:16.1234567Z"
            )
        }
        return id
    }

    /// The name of the version of an object, or of the object.
    ///
    /// - Parameter takesRemoved: Whether it may be one that was removed.
    func name(
        _ name: ObjectName, in store: Store, _ scope: ScopeName, takesRemoved: Bool = false
    ) throws -> ObjectName {
        guard let at else { return name }
        let versions = try store.versions(of: name, in: scope).filter { $0.name.version?.id == at }
        guard let version = versions.first(where: { $0.removal == nil }) ?? versions.first else {
            throw StoreError(
                .notFound, "'\(name)' has no version of \(at)", about: .object(name.description),
                remedies: [.list(.versions(of: name.description))])
        }
        guard takesRemoved || version.removal == nil else {
            throw StoreError(
                .notFound, "the version of '\(name)' of \(at) was removed",
                about: .object(name.description),
                remedies: [
                    .other(
                        "bring it back: `sluice undelete \(ShellWord.quoted(name.description))`")
                ])
        }
        return version.name
    }
}
