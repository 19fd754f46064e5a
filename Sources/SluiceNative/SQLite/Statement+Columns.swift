internal import CSQLite
internal import Glibc

/// Columns are numbered from 0. To read one while there is no row, or one that the statement does not
/// return, traps. A value of another type is converted by SQLite's rules, since whoever can write the
/// file can put any type into any column: check what must hold.
extension Statement {
    /// The integer in a column; 0 for NULL.
    public func int(_ column: Int32) -> Int64 {
        unsafe sqlite3_column_int64(row(with: column), column)
    }

    /// Whether a column is NULL.
    public func isNull(_ column: Int32) -> Bool {
        unsafe sqlite3_column_type(row(with: column), column) == SQLITE_NULL
    }

    /// What kind of value a column holds in this row.
    public func kind(_ column: Int32) -> ColumnKind {
        switch unsafe sqlite3_column_type(row(with: column), column) {
        case SQLITE_INTEGER: .integer
        case SQLITE_FLOAT: .real
        case SQLITE_TEXT: .text
        case SQLITE_BLOB: .blob
        default: .null
        }
    }

    /// A kind of value.
    public enum ColumnKind: Sendable {
        case null, integer, real, text, blob
    }

    /// A copy of the bytes in a column; none for NULL.
    public func bytes(_ column: Int32) -> [UInt8] {
        let bytes = unsafe buffer(column)
        return unsafe [UInt8](bytes)
    }

    /// Whether a column's bytes are these; those of NULL are none.
    public func holds(_ bytes: [UInt8], in column: Int32) -> Bool {
        let stored = unsafe buffer(column)
        guard stored.count == bytes.count else { return false }
        guard let start = stored.baseAddress else { return true }
        return unsafe memcmp(start, bytes, bytes.count) == 0
    }

    /// The text in a column, with anything that is not UTF-8 replaced; empty for NULL.
    public func text(_ column: Int32) -> String {
        let bytes = unsafe buffer(column)
        return unsafe String(decoding: bytes, as: UTF8.self)
    }

    /// Calls `body` with the bytes in a column, in place; none for NULL.
    ///
    /// Inside, other columns and other statements may be used, but to bind, step or reset this
    /// statement, or to close the connection, traps.
    @inlinable
    public func withBytes<Result: ~Copyable, Failure: Error>(
        _ column: Int32, _ body: (Span<UInt8>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        let bytes = unsafe buffer(column)
        lendRow()
        defer { returnRow() }
        return unsafe try body(bytes.span)
    }

    // MARK: For withBytes

    /// The bytes of a column, which stay where they are until the statement is stepped or reset.
    ///
    /// Text is read by this call too: `sqlite3_column_text` would add a NUL, and might for that move
    /// bytes that are lent.
    @usableFromInline
    func buffer(_ column: Int32) -> UnsafeBufferPointer<UInt8> {
        let row = unsafe row(with: column)
        // In this order: the first call may convert, and the second counts what is there then.
        let start = unsafe sqlite3_column_blob(row, column)
        let byteCount = Int(unsafe sqlite3_column_bytes(row, column))
        let bytes = unsafe UnsafeRawBufferPointer(start: start, count: byteCount)
        return unsafe bytes.assumingMemoryBound(to: UInt8.self)
    }
}
