internal import SluiceAccess
internal import SluiceNative
internal import Synchronization

/// A connection to a vault's database that threads take turns at: opened when it is first used, and again after it
/// was closed.
///
/// Before each use it is looked whether the names lead still to what it has opened.
final class VaultConnection: Sendable {
    private let name: String
    private let slot: Mutex<OpenVault?>
    /// Nil in memory, where a database goes with its connection.
    private let connect: Connect?

    typealias Connect = @Sendable () throws(VaultError) -> OpenVault

    /// A connection that is open, or isn't yet.
    ///
    /// - Parameter connect: Opens it; nil in memory.
    init(to vault: String, _ open: OpenVault? = nil, connect: Connect?) {
        name = vault
        slot = Mutex(open)
        self.connect = connect
    }

    /// Runs `body`, when it is this thread's turn.
    ///
    /// - Parameter isChange: Whether it changes the database: then it is looked afterwards, too, whether it was the
    ///   one that others see.
    func use<Result: Sendable>(
        isChange: Bool = false, _ body: (Connection) throws(DatabaseError) -> Result
    ) throws(VaultError) -> Result {
        try slot.withLock { slot throws(VaultError) in
            if slot == nil { slot = try connected() } else { try slot?.checkPlace() }
            return try run(body, isChange, in: &slot)
        }
    }

    /// Runs `body` likewise; nil, and nothing is done, if the connection can't be opened.
    ///
    /// - Parameter isWaiting: Whether to wait for this thread's turn; otherwise nil is returned if somebody uses the
    ///   connection.
    func useIfPossible<Result: Sendable>(
        isWaiting: Bool = false, _ body: (Connection) throws(DatabaseError) -> Result
    ) throws(VaultError) -> Result? {
        if isWaiting {
            return try slot.withLock { slot throws(VaultError) in
                try runIfPossible(body, in: &slot)
            }
        }
        let result = try slot.withLockIfAvailable { slot throws(VaultError) in
            try runIfPossible(body, in: &slot)
        }
        return result ?? nil
    }

    /// Which state of the database a transaction that begins now sees; nil if the connection can't be opened. Of
    /// use for a connection that changes nothing: it doesn't count its own changes.
    func version() throws(VaultError) -> VaultVersion? {
        try slot.withLock { slot throws(VaultError) in
            let version = try runIfPossible(
                { connection throws(DatabaseError) in
                    try VaultTables(connection: connection).dataVersion()
                }, in: &slot)
            guard let version, let open = slot else { return nil }
            return VaultVersion(connection: open.number, number: version)
        }
    }

    /// Looks whether the vault's names lead still to the files that are open here, if any are.
    ///
    /// - Throws: `replaced`; `io`.
    func checkPlace() throws(VaultError) {
        try slot.withLock { open throws(VaultError) in try open?.checkPlace() }
    }

    /// Whether the database that is open here says that the vault was purged; nil if none is.
    var saysPurged: Bool? {
        slot.withLock { open in
            guard let open else { return nil }
            let row = try? VaultTables(connection: open.connection).vault()
            return row.map { $0.isPurged } ?? false
        }
    }

    /// Closes it, unless it is in memory.
    func close() {
        guard connect != nil else { return }
        slot.withLock { open in
            open?.close()
            open = nil
        }
    }

    // MARK: Private

    private func connected() throws(VaultError) -> OpenVault {
        guard let connect else { preconditionFailure("a vault in memory lost its database") }
        return try connect()
    }

    private func runIfPossible<Result: Sendable>(
        _ body: (Connection) throws(DatabaseError) -> Result, in slot: inout OpenVault?
    ) throws(VaultError) -> Result? {
        if slot == nil { slot = try? connected() } else { try slot?.checkPlace() }
        return slot == nil ? nil : try run(body, false, in: &slot)
    }

    private func run<Result: Sendable>(
        _ body: (Connection) throws(DatabaseError) -> Result, _ isChange: Bool,
        in slot: inout OpenVault?
    ) throws(VaultError) -> Result {
        guard let connection = slot?.connection else { preconditionFailure("nothing is open") }
        if isChange { try slot?.nameLog() }
        let result: Result
        do throws(DatabaseError) {
            result = try body(connection)
        } catch {
            if !connection.isUndisturbed { return try runAnew(body, in: &slot) }
            // After a COMMIT of unknown outcome the connection knows no more than we do.
            if error.isOutcomeUnknown, connect != nil { slot = nil }
            throw VaultError(error, vault: name)
        }
        guard connection.isUndisturbed else { return try runAnew(body, in: &slot) }
        // What was committed to a file that others don't see is not acknowledged.
        if isChange { try slot?.checkPlace() }
        return result
    }

    /// Reads again, with a connection to what is there now: somebody has begun to write to a database that was
    /// read as one that doesn't change.
    private func runAnew<Result: Sendable>(
        _ body: (Connection) throws(DatabaseError) -> Result, in slot: inout OpenVault?
    ) throws(VaultError) -> Result {
        slot?.close()
        slot = nil
        slot = try connected()
        return try run(body, false, in: &slot)
    }
}
