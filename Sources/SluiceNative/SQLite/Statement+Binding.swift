internal import CSQLite

/// Parameters are numbered from 1. What is bound stays bound until ``Statement/reset()``. Bytes and
/// text are copied, except by ``Statement/run(binding:_:)``. All throw if there is no such parameter, if the
/// statement was stepped and not reset, or if the value is longer than SQLite's limit (1 GB by default).
extension Statement {
    /// Binds an integer.
    public func bind(_ index: Int32, _ value: Int64) throws(DatabaseError) {
        try check(unsafe sqlite3_bind_int64(handle, index, value))
    }

    /// Binds an integer.
    public func bind(_ index: Int32, _ value: Int) throws(DatabaseError) {
        try bind(index, Int64(value))
    }

    /// Binds bytes.
    public func bind(_ index: Int32, _ bytes: Span<UInt8>) throws(DatabaseError) {
        try unsafe bytes.withUnsafeBufferPointer { buffer throws(DatabaseError) in
            try unsafe bind(index, buffer, copyingDestructor)
        }
    }

    /// Binds bytes.
    public func bind(_ index: Int32, _ bytes: [UInt8]) throws(DatabaseError) {
        try bind(index, bytes.span)
    }

    /// Binds text.
    public func bind(_ index: Int32, _ text: String) throws(DatabaseError) {
        let handle = unsafe handle
        let code = unsafe text.utf8.span.withUnsafeBufferPointer { buffer in
            guard let start = buffer.baseAddress else {
                return unsafe sqlite3_bind_text64(
                    handle, index, "", 0, copyingDestructor, UInt8(SQLITE_UTF8))
            }
            return unsafe start.withMemoryRebound(to: CChar.self, capacity: buffer.count) { start in
                unsafe sqlite3_bind_text64(
                    handle, index, start, UInt64(buffer.count), copyingDestructor,
                    UInt8(SQLITE_UTF8))
            }
        }
        try check(code)
    }

    /// Binds NULL, which is also what a parameter is that nothing has been bound to.
    public func bind(_ index: Int32, _ null: Never?) throws(DatabaseError) {
        try check(unsafe sqlite3_bind_null(handle, index))
    }

    /// Runs the statement to its end with bytes bound that aren't copied, and resets it, also where it fails.
    public func run(binding index: Int32, _ bytes: Span<UInt8>) throws(DatabaseError) {
        try unsafe bytes.withUnsafeBufferPointer { buffer throws(DatabaseError) in
            // SQLite may read them until then.
            defer { reset() }
            try unsafe bind(index, buffer, nil)
            while try step() {}
        }
    }

    // MARK: Private

    private func bind(
        _ index: Int32, _ buffer: UnsafeBufferPointer<UInt8>,
        _ destructor: sqlite3_destructor_type?
    ) throws(DatabaseError) {
        // A null pointer would bind NULL.
        guard let start = buffer.baseAddress, buffer.count > 0 else {
            return try check(unsafe sqlite3_bind_zeroblob(handle, index, 0))
        }
        try check(
            unsafe sqlite3_bind_blob64(handle, index, start, UInt64(buffer.count), destructor))
    }

    private func check(_ code: Int32) throws(DatabaseError) {
        guard code == SQLITE_OK else { throw connection.failure(.bind, code: code) }
    }

    /// `SQLITE_TRANSIENT`, a macro that Swift can't read: SQLite copies the bytes before it returns.
    private var copyingDestructor: sqlite3_destructor_type {
        unsafe unsafeBitCast(-1, to: sqlite3_destructor_type.self)
    }
}
