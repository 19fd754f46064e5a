internal import CSQLite

/// A compiled SQL statement: bind its parameters, step through its rows, reset it.
///
/// Keeps its connection alive. Belongs to the thread that its ``Connection`` belongs to, its release
/// included. Binding and stepping allocate nothing on Swift's side.
///
/// A row's values are read after ``step()`` has returned true and before it is called again. A
/// statement that has rows left holds its read transaction open until ``reset()``.
@safe
public final class Statement: @unchecked Sendable {
    /// The connection that this statement runs on.
    public let connection: Connection

    private let compiled: OpaquePointer
    /// How many columns a row has.
    public let columnCount: Int32
    private var phase = Phase.ready
    private var lentSpanCount = 0

    private enum Phase { case ready, row, done }

    init(_ sql: String, on connection: Connection) throws(DatabaseError) {
        self.connection = connection
        unsafe compiled = unsafe try connection.compile(sql)
        columnCount = unsafe sqlite3_column_count(compiled)
    }

    deinit {
        unsafe connection.finalize(compiled)
    }

    /// Runs the statement up to its next row, if any.
    ///
    /// A failure resets the statement. To step after the end, without ``reset()``, traps.
    ///
    /// - Returns: Whether there is a row.
    /// - Throws: `isBusy`, `isConstraint`, `isFull`, `isCorrupt`, `isInputOutput`, `isReadOnly`,
    ///   `isInterrupted`.
    public func step() throws(DatabaseError) -> Bool {
        precondition(phase != .done, "a statement was stepped after its end without a reset")
        let code = unsafe sqlite3_step(handle)
        if code == SQLITE_ROW {
            phase = .row
            return true
        }
        guard code == SQLITE_DONE else { return try stepAgain(after: code) }
        phase = .done
        return false
    }

    /// Steps once more where SQLite wanted to compile the statement again; else throws what has failed.
    @inline(never)
    private func stepAgain(after code: Int32) throws(DatabaseError) -> Bool {
        var code = code
        do throws(DatabaseError) {
            if code == SQLITE_AUTH, phase == .ready {
                code = unsafe try connection.stepCompilingAgain(handle)
            }
            guard code == SQLITE_ROW || code == SQLITE_DONE else {
                throw try connection.failureOfStatement(.step, code: code)
            }
        } catch {
            reset()
            throw error
        }
        phase = code == SQLITE_ROW ? .row : .done
        return code == SQLITE_ROW
    }

    /// Runs the statement to its end, and resets it: for statements that return nothing.
    public func run() throws(DatabaseError) {
        while try step() {}
        reset()
    }

    /// Runs a statement that must change exactly one row.
    ///
    /// - Throws: `isCorrupt` if it has changed another number of rows: then what it was found by leads
    ///   nowhere.
    public func runChangingOneRow() throws(DatabaseError) {
        try run()
        try connection.requireOneChangedRow()
    }

    /// Makes the statement ready to be bound and run again, with every parameter NULL.
    public func reset() {
        let handle = unsafe handle
        // The code is that of the last step, which has thrown it.
        unsafe sqlite3_reset(handle)
        unsafe sqlite3_clear_bindings(handle)
        phase = .ready
    }

    // MARK: For the rest of this folder

    /// The C statement, free to be changed: its connection is open, and none of its bytes are lent.
    var handle: OpaquePointer {
        precondition(connection.isOpen, "the connection is closed")
        precondition(lentSpanCount == 0, "a statement was used while the bytes of its row were")
        return unsafe compiled
    }

    /// The C statement, which must have a row with this column.
    func row(with column: Int32) -> OpaquePointer {
        precondition(connection.isOpen, "the connection is closed")
        precondition(phase == .row, "there is no row")
        precondition(column >= 0 && column < columnCount, "there is no such column")
        return unsafe compiled
    }

    /// Keeps the row, and the connection, from going until ``returnRow()``.
    @usableFromInline
    func lendRow() {
        lentSpanCount += 1
        connection.lentSpanCount += 1
    }

    @usableFromInline
    func returnRow() {
        lentSpanCount -= 1
        connection.lentSpanCount -= 1
    }
}
