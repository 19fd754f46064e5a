internal import CSQLite

extension Connection {
    /// Runs `body` in a transaction that holds the write lock from its beginning, and commits it.
    ///
    /// An error, of `body`, of `committing` or of the COMMIT itself, rolls back and is thrown. A
    /// COMMIT that fails is never tried again; where what reached the disk can't be known, the error
    /// says so (``DatabaseError/isOutcomeUnknown``).
    ///
    /// - Parameters:
    ///   - body: The transaction's work.
    ///   - committing: Surrounds the COMMIT: it must either call its argument, once, or throw. What
    ///     it throws after that call is thrown too, but undoes nothing.
    /// - Throws: What `body` and `committing` throw; `isBusy` if another connection keeps the write
    ///   lock; `isTransactionLost` if SQLite rolled back while `body` ran.
    public func immediateTransaction<Result: ~Copyable, Failure: DatabaseErrorWrapping>(
        _ body: () throws(Failure) -> Result,
        committing: (_ commit: () throws(Failure) -> Void) throws(Failure) -> Void
    ) throws(Failure) -> Result {
        do { try run(.beginImmediate) } catch { throw .database(error) }
        do throws(Failure) {
            let result = try body()
            var isCommitted = false
            try committing { () throws(Failure) in
                do throws(DatabaseError) { try commit() } catch { throw .database(error) }
                isCommitted = true
            }
            precondition(isCommitted, "a transaction was neither committed nor failed")
            return result
        } catch {
            rollback()
            throw error
        }
    }

    /// Runs `body` in a transaction that holds the write lock from its beginning, and commits it.
    ///
    /// See ``immediateTransaction(_:committing:)``.
    public func immediateTransaction<Result: ~Copyable, Failure: DatabaseErrorWrapping>(
        _ body: () throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try immediateTransaction(body) { commit throws(Failure) in try commit() }
    }

    /// Runs `body` in a transaction whose reads all see the database as it was at the first of them.
    ///
    /// What is written in it is undone. While it lasts the write-ahead log can't be reset, so it
    /// should be short.
    public func readTransaction<Result: ~Copyable, Failure: DatabaseErrorWrapping>(
        _ body: () throws(Failure) -> Result
    ) throws(Failure) -> Result {
        do { try run(.beginDeferred) } catch { throw .database(error) }
        defer { rollback() }
        return try body()
    }

    // MARK: Statements

    enum TransactionStatement: Int {
        case beginImmediate, beginDeferred, commit, rollback

        var sql: String {
            switch self {
            case .beginImmediate: "BEGIN IMMEDIATE"
            case .beginDeferred: "BEGIN DEFERRED"
            case .commit: "COMMIT"
            case .rollback: "ROLLBACK"
            }
        }

        var operation: DatabaseError.Operation {
            switch self {
            case .beginImmediate, .beginDeferred: .begin
            case .commit, .rollback: .commit
            }
        }
    }

    private func run(_ statement: TransactionStatement) throws(DatabaseError) {
        let compiled: OpaquePointer
        if let known = unsafe transactionStatements[statement.rawValue] {
            unsafe compiled = unsafe known
        } else {
            unsafe compiled = try compile(statement.sql)
            unsafe transactionStatements[statement.rawValue] = unsafe compiled
        }
        let code = unsafe sqlite3_step(compiled)
        if code == SQLITE_DONE {
            unsafe sqlite3_reset(compiled)
        } else {
            let error = failure(statement.operation, code: code)
            unsafe sqlite3_reset(compiled)
            throw error
        }
    }

    private func commit() throws(DatabaseError) {
        guard isInTransaction else {
            throw DatabaseError(
                code: DatabaseError.transactionLostCode,
                message: "the transaction was rolled back", operation: .commit)
        }
        do {
            try run(.commit)
        } catch {
            // SQLite leaves the transaction open when it has not tried to write (a reader is in the
            // way, a constraint is violated); otherwise something of it may have reached the disk.
            throw DatabaseError(
                code: error.code, message: error.message, operation: .commit,
                isOutcomeUnknown: !isInTransaction && !error.isRefusedCommit,
                systemErrorNumber: error.systemErrorNumber)
        }
    }

    /// Ends the transaction, if there is one.
    private func rollback() {
        guard isInTransaction else { return }
        // It can only fail while it restores the file, and then leaves that to the next opening: the
        // transaction has ended either way, and what is thrown is the error that led here.
        try? run(.rollback)
    }
}
