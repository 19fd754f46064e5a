internal import CSQLite

/// A connection that was told its schema works by that one and by no other, whatever becomes of the file
/// while it is open.
///
/// SQLite reads the schema anew whenever somebody has changed it, and compiles statements again by what it
/// finds. It asks for leave to compile, and gets it for our own calls only; a statement that wants to be
/// compiled again waits until the schema was compared again.
extension Connection {
    /// Requires the schema to be this one, now and whenever it is read again.
    ///
    /// From now on every statement is one that was prepared: ``execute(_:)`` traps.
    ///
    /// - Throws: ``DatabaseError/isSchemaAltered``, here and by any statement from now on.
    public func expect(_ schema: DatabaseSchema) throws(DatabaseError) {
        try compare(schema, .open)
        expectedSchema = schema
    }

    /// In which way the database's schema differs from this one, in words; nil if it doesn't.
    public func difference(from schema: DatabaseSchema) throws(DatabaseError) -> String? {
        let mightCompileAgain = mayCompileAgain
        mayCompileAgain = true
        defer { mayCompileAgain = mightCompileAgain }
        return try schema.difference(prepare("SELECT type, name, tbl_name, sql FROM sqlite_schema"))
    }

    /// Whether the table or index of this name is there, and as the schema says.
    public func holds(
        _ name: String, of schema: DatabaseSchema
    ) throws(DatabaseError) -> Bool {
        let rows = try prepare(
            "SELECT type, name, tbl_name, sql FROM sqlite_schema WHERE name = ?1")
        try rows.bind(1, name)
        return try rows.step() && schema.isExpected(rows)
    }

    /// Takes out of the database what isn't in this schema, puts in the indices that are missing, and says
    /// what it has taken out; in a transaction of the caller's.
    ///
    /// - Throws: ``DatabaseError/isSchemaAltered`` if that doesn't help: a table is missing, or another.
    public func correct(to schema: DatabaseSchema) throws(DatabaseError) -> [String] {
        let corrections = try schema.corrections(
            prepare("SELECT type, name, tbl_name, sql FROM sqlite_schema"))
        for correction in corrections ?? [] { try execute(correction.statement) }
        try compare(schema, .execute)
        return corrections?.compactMap(\.subject) ?? []
    }

    private func compare(
        _ schema: DatabaseSchema, _ operation: DatabaseError.Operation
    ) throws(DatabaseError) {
        guard let difference = try difference(from: schema) else { return }
        throw DatabaseError(code: SQLITE_SCHEMA, message: difference, operation: operation)
    }

    /// Has SQLite ask for leave before it compiles anything.
    func guardCompiling() {
        let context = unsafe Unmanaged.passUnretained(self).toOpaque()
        unsafe _ = sqlite3_set_authorizer(
            handle,
            { context, action, _, _, _, _ in
                guard let context = unsafe context else { return SQLITE_DENY }
                let connection = unsafe Unmanaged<Connection>.fromOpaque(context)
                    .takeUnretainedValue()
                return connection.mayCompile(action) ? SQLITE_OK : SQLITE_DENY
            }, context)
    }

    private func mayCompile(_ action: Int32) -> Bool {
        if expectedSchema == nil || isCompiling || mayCompileAgain { return true }
        // What begins and ends transactions has nothing to do with a schema.
        if action == SQLITE_TRANSACTION { return true }
        isSchemaDoubtful = true
        return false
    }

    /// Compares the schema again if SQLite has read another.
    func compareIfDoubtful() throws(DatabaseError) {
        guard isSchemaDoubtful, !mayCompileAgain, let schema = expectedSchema else { return }
        try compare(schema, .prepare)
        isSchemaDoubtful = false
    }

    /// The failure of a statement that SQLite has told; that of the schema, if that is why.
    func failureOfStatement(
        _ operation: DatabaseError.Operation, code: Int32
    ) throws(DatabaseError) -> DatabaseError {
        let error = failure(operation, code: code)
        // It may have read another schema, and found that the statement doesn't go with it.
        isSchemaDoubtful = true
        if error.isStatementRefused || error.isSchemaAltered { try compareIfDoubtful() }
        return error
    }

    /// Steps a statement that was refused to be compiled again, if the schema is still the one expected.
    ///
    /// Both happen in one transaction, so that it is compiled by what was compared.
    func stepCompilingAgain(_ statement: OpaquePointer) throws(DatabaseError) -> Int32 {
        guard let schema = expectedSchema else { return SQLITE_AUTH }
        unsafe sqlite3_reset(statement)
        let isAlone = unsafe !isInTransaction && sqlite3_stmt_readonly(statement) != 0
        if isAlone { try executeUnguarded("BEGIN") }
        // A statement that has rows left keeps what it reads beyond this.
        defer { if isAlone { try? executeUnguarded("COMMIT") } }
        try compare(schema, .step)
        isSchemaDoubtful = false
        mayCompileAgain = true
        defer { mayCompileAgain = false }
        return unsafe sqlite3_step(statement)
    }
}
