internal import CSQLite

/// A database where nothing can be written: on a medium that is read-only, or by who lacks the permission.
///
/// SQLite reads a log only with its index, which it would make. So there are two ways:
///
/// - With an index beside the database it is read as always, the index mapped for reading: who writes
///   meanwhile is met there. One that a dead process has left isn't trusted: the log is read instead.
/// - Without an index, and so without a log, nobody has the database open, for who opens it makes both. Then
///   it is read as a file that doesn't change.
///
/// Neither need stay so: ``isUndisturbed`` is to be asked after each read, and what was read before a no is
/// worth nothing.
extension Connection {
    /// Opens the database at `path` for reading, without writing anything beside it.
    ///
    /// - Throws: As ``init(path:mode:gathersWrites:followLinks:busyTimeoutMilliseconds:)``; `isCannotOpen` also for
    ///   a log without its index, from which nothing can be read in this place.
    public static func openUnwritable(
        path: String, busyTimeoutMilliseconds: Int = 5000
    ) throws(DatabaseError) -> Connection {
        // Whoever writes opens and closes it seldom; not even that is waited for without end.
        for _ in 0..<100 {
            guard let stillness = Stillness(path) else {
                throw DatabaseError(code: SQLITE_CANTOPEN, operation: .open)
            }
            guard stillness.index != nil || stillness.log == nil else {
                throw DatabaseError(
                    code: SQLITE_CANTOPEN,
                    message: "its log can't be read where nothing can be written beside it",
                    operation: .open)
            }
            let how = stillness.index == nil ? "immutable=1" : "readonly_shm=1"
            do throws(DatabaseError) {
                let connection = try Connection(
                    path: "file:\(uri(path))?mode=ro&\(how)", mode: .readOnly,
                    followLinks: false, busyTimeoutMilliseconds: busyTimeoutMilliseconds)
                connection.stillness = stillness
                if connection.isUndisturbed { return connection }
                connection.close()
            } catch {
                if stillness.isNow { throw error }
            }
        }
        throw DatabaseError(code: SQLITE_BUSY, operation: .open)
    }

    /// Whether what was read up to now is what the database held: false once somebody has opened it for
    /// writing that was read as a file that doesn't change, or has ended its log. Then it is to be opened
    /// anew, and read anew. Always true of a connection that may write.
    public var isUndisturbed: Bool { stillness?.isNow ?? true }

    private static func uri(_ path: String) -> String {
        var text = ""
        for byte in path.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "/"), UInt8(ascii: "."),
                UInt8(ascii: "-"), UInt8(ascii: "_"):
                text.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                let digits = String(byte, radix: 16)
                text += digits.utf8.count == 1 ? "%0\(digits)" : "%\(digits)"
            }
        }
        return text
    }

    /// The files of a database, as they were when it was opened where nothing can be written.
    struct Stillness: Sendable {
        let path: String
        let database: FileStatus
        let index: FileStatus.Identity?
        /// Nil also of one that is empty, unless there is an index.
        let log: FileStatus.Identity?

        /// What is there now; nil if that can't be told.
        init?(_ path: String) {
            do throws(SystemError) {
                let log = try Self.status("\(path)-wal")
                let index = try Self.status("\(path)-shm")
                self.path = path
                database = try FileSystem.status(path, followLinks: false)
                self.index = index?.identity
                self.log = index == nil && log?.byteCount == 0 ? nil : log?.identity
            } catch {
                return nil
            }
        }

        /// Whether they are still those, and without an index unchanged.
        var isNow: Bool {
            guard let now = Stillness(path), now.index == index, now.log == log else {
                return false
            }
            return index == nil
                ? now.database == database : now.database.identity == database.identity
        }

        private static func status(_ path: String) throws(SystemError) -> FileStatus? {
            do throws(SystemError) {
                return try FileSystem.status(path, followLinks: false)
            } catch {
                guard error.isNotFound else { throw error }
                return nil
            }
        }
    }
}
