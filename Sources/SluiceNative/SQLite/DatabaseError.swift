internal import CSQLite
internal import Glibc

/// A failure that SQLite reported, or that was found before SQLite was asked.
///
/// The message names tables and columns of ours, never a bound value.
public struct DatabaseError: Error, Equatable, Sendable {
    /// What was being done when it failed.
    public enum Operation: String, Sendable {
        case open, prepare, execute, bind, step, begin, commit, savepoint, checkpoint, backup
    }

    /// SQLite's extended result code.
    public let code: Int32

    /// SQLite's description of this failure, for people.
    public let message: String

    /// What was being done when it failed.
    public let operation: Operation

    /// Whether a COMMIT failed in a way that leaves unknown whether the transaction is durable.
    ///
    /// It must be neither reported as done nor tried again, and its connection should be closed.
    public let isOutcomeUnknown: Bool

    /// What the operating system said, where SQLite blames it; else 0.
    let systemErrorNumber: Int32

    init(
        code: Int32, message: String, operation: Operation, isOutcomeUnknown: Bool = false,
        systemErrorNumber: Int32 = 0
    ) {
        self.code = code
        self.message = message
        self.operation = operation
        self.isOutcomeUnknown = isOutcomeUnknown
        self.systemErrorNumber = systemErrorNumber
    }

    /// A failure whose code says everything.
    init(code: Int32, operation: Operation) {
        let message = unsafe String(cString: sqlite3_errstr(code))
        self.init(code: code, message: message, operation: operation)
    }
}

extension DatabaseError {
    /// Another connection held the lock for longer than the busy timeout, or shares the cache.
    public var isBusy: Bool { primaryCode == SQLITE_BUSY || primaryCode == SQLITE_LOCKED }

    /// The disk, a quota, or the database's own page limit, is full.
    public var isFull: Bool {
        if primaryCode == SQLITE_FULL { return true }
        // SQLite calls a quota, and a log's index that finds no room, an error of input and output.
        return (isInputOutput || isCannotOpen)
            && SystemError(call: "write", path: nil, number: systemErrorNumber).isNoSpace
    }

    /// The limit of the process that SQLite has met; nil for any other reason.
    public var reachedLimit: SystemError.Limit? {
        let isOutOfMemory = primaryCode == SQLITE_NOMEM
        guard isOutOfMemory || isInputOutput || isCannotOpen || isFull else { return nil }
        let number = isOutOfMemory ? ENOMEM : systemErrorNumber
        return SystemError(call: "open", path: nil, number: number).reachedLimit
    }

    /// Whether a COMMIT that fails so has certainly committed nothing: no room was found for a page
    /// of the log or for its header, and the commit mark is the last thing written.
    var isRefusedCommit: Bool { primaryCode == SQLITE_FULL }

    /// The file is a database, but a damaged one.
    public var isCorrupt: Bool { primaryCode == SQLITE_CORRUPT }

    /// The file is not a database.
    public var isNotADatabase: Bool { primaryCode == SQLITE_NOTADB }

    /// The statement is wrong, or its tables and columns are not those that the database has.
    public var isStatementRefused: Bool { primaryCode == SQLITE_ERROR }

    /// The schema is not the one that the connection was told to expect; the message says in which way.
    public var isSchemaAltered: Bool { primaryCode == SQLITE_SCHEMA }

    /// A value is longer than the connection was told to take.
    public var isTooLong: Bool { primaryCode == SQLITE_TOOBIG }

    /// The file does not exist, is a directory, or may not be opened.
    public var isCannotOpen: Bool { primaryCode == SQLITE_CANTOPEN }

    /// The database, or its connection, can't be written.
    public var isReadOnly: Bool { primaryCode == SQLITE_READONLY }

    /// The operating system failed a read, a write, a sync or a lock.
    public var isInputOutput: Bool { primaryCode == SQLITE_IOERR }

    /// A constraint of the schema (unique, not null, check, foreign key) was violated.
    public var isConstraint: Bool { primaryCode == SQLITE_CONSTRAINT }

    /// ``Connection/interrupt()`` was called, or a backup was told to stop.
    public var isInterrupted: Bool { primaryCode == SQLITE_INTERRUPT }

    /// SQLite rolled back the whole transaction, because of an earlier failure in it.
    public var isTransactionLost: Bool { code == Self.transactionLostCode }

    /// `SQLITE_ABORT_ROLLBACK`.
    static let transactionLostCode = SQLITE_ABORT | (2 << 8)

    private var primaryCode: Int32 { code & 0xff }
}

/// An error type with a case for a database's failure, so that a scope that begins and commits
/// transactions can throw the error type of the code that runs in it.
///
/// `case database(DatabaseError)` in an enumeration is all that conforming takes.
public protocol DatabaseErrorWrapping: Error {
    /// The error that stands for this failure.
    static func database(_ error: DatabaseError) -> Self
}

extension DatabaseError: DatabaseErrorWrapping {
    /// The failure itself.
    public static func database(_ error: DatabaseError) -> DatabaseError { error }
}
