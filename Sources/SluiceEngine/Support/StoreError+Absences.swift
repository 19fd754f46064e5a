/// That something isn't there.
extension StoreError {
    static func missingScope(_ name: ScopeName) -> StoreError {
        StoreError(
            .notFound,
            """
            there is no scope '\(name)': `sluice scope list` names them, \
            `sluice scope create` makes one
            """)
    }

    static func lostScope(_ name: ScopeName) -> StoreError {
        StoreError(
            .damagedCatalog,
            """
            the scope '\(name)' is not there, and the catalog has objects whose scope has lost its row: \
            restore a backup, or begin an empty one with `sluice scope create \(name)`
            """)
    }

    static func alteredScope(_ name: ScopeName) -> StoreError {
        StoreError(.integrity, "the row of the scope '\(name)' was altered; restore a backup")
    }

    static func noObject(_ name: ObjectName) -> StoreError {
        StoreError(.notFound, "there is no object '\(name)'")
    }

    static func missingID(_ id: EntityTag) -> StoreError {
        StoreError(
            .notFound, "there is no object with the id '\(id)': `sluice ls --ids` shows them")
    }

    static func missingPin(_ id: PinID) -> StoreError {
        StoreError(.notFound, "there is no pin '\(id)': `sluice pins` shows those there are")
    }

    static func unwritable(_ path: String) -> StoreError {
        StoreError(
            .readOnly,
            "the store in '\(path)' can't be changed: this process can't write to its files; do it as their "
                + "owner, where they can be written, or restore a backup of it there")
    }

    static func nothingBelow(_ prefix: String) -> StoreError {
        StoreError(.notFound, "there are no objects below '\(prefix)'")
    }
}
