internal import SluiceAccess

/// That something isn't there.
extension StoreError {
    static func missingScope(_ name: ScopeName) -> StoreError {
        StoreError(
            .notFound, "there is no scope '\(name)'", about: .scope(name.description),
            remedies: [.list(.scopes), .make(.scope(name.description))])
    }

    static func lostScope(_ name: ScopeName) -> StoreError {
        StoreError(
            .damagedCatalog,
            """
            the scope '\(name)' is not there, and the catalog has objects whose scope has lost its row
            """, about: .scope(name.description),
            remedies: [.restoreBackup, .make(.scope(name.description))])
    }

    static func alteredScope(_ name: ScopeName) -> StoreError {
        StoreError(
            .integrity, "the row of the scope '\(name)' was altered",
            about: .scope(name.description), remedies: [.restoreBackup])
    }

    static func noObject(_ name: ObjectName) -> StoreError {
        StoreError(
            .notFound, "there is no object '\(name)'", about: .object(name.description),
            remedies: [.list(.objects(below: directory(of: name)))])
    }

    /// The directory that a name is in, with its slash; empty for the top.
    private static func directory(of name: ObjectName) -> String {
        let name = name.description
        return name.lastIndex(of: "/").map { String(name[...$0]) } ?? ""
    }

    static func missingID(_ id: ObjectID) -> StoreError {
        StoreError(
            .notFound, "there is no object with the id '\(id)'", remedies: [.list(.objectIDs)])
    }

    static func missingPin(_ id: PinID) -> StoreError {
        StoreError(
            .notFound, "there is no pin '\(id)'", about: .pin(id.description),
            remedies: [.list(.pins)])
    }

    static func unwritable(_ path: String) -> StoreError {
        StoreError(
            .readOnly,
            "the store in '\(path)' can't be changed: this process can't write to its files",
            about: .store(path), remedies: [.machine(.runAsFileOwner)])
    }

    static func nothingBelow(_ prefix: String) -> StoreError {
        StoreError(
            .notFound, "there are no objects below '\(prefix)'", about: .object(prefix),
            remedies: [.list(.objects(below: ""))])
    }

    /// That what was provided to open something isn't what that is sealed with.
    static func keyMismatch(
        _ what: String, about object: String, isSealed: Bool, isProvided: Bool
    ) -> StoreError {
        let reason =
            isSealed
            ? "is sealed with a key that is provided each time, and "
                + (isProvided ? "another was" : "none was")
            : "is sealed with the store's keys alone, and a key was provided"
        return StoreError(
            .keyMismatch, "\(what) \(reason)", about: .object(object),
            remedies: [
                .other(isSealed ? "provide the key that it was put with" : "ask without a key")
            ])
    }
}
