internal import Sluice

/// One command's use of a store: opened before, closed after, ended by a signal.
struct Session {
    let options: GlobalOptions

    /// Opens the store for `body`, which reads and leaves nothing behind wherever it is ended: a signal
    /// ends the process.
    ///
    /// A store that doesn't exist is an error: reading must not make one.
    func read<Result>(_ body: (Store) throws -> Result) throws -> Result {
        _ = try Interruption()
        let store = try options.openStore()
        return try close(store, after: { try body(store) })
    }

    /// Opens the store for `body`, which writes: a signal cancels what is under way, which then cleans
    /// up behind itself.
    func write<Result>(
        createIfMissing: Bool = false, durability: Durability = .full,
        _ body: (Store, Interruption) throws -> Result
    ) throws -> Result {
        let interruption = try Interruption()
        let store = try options.openStore(
            createIfMissing: createIfMissing, durability: durability)
        interruption.onInterrupt { store.cancelAll() }
        do {
            return try close(store, after: { try body(store, interruption) })
        } catch {
            throw interruption.failure ?? error
        }
    }

    private func close<Result>(_ store: Store, after body: () throws -> Result) throws -> Result {
        let result: Result
        do {
            result = try body()
        } catch {
            // The first error is the one to tell.
            try? store.close()
            throw error
        }
        try store.close()
        return result
    }
}
