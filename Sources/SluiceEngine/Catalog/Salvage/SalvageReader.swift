internal import SluiceNative

/// Looks rows of a damaged catalog up by their row ids, as far as SQLite can still find them.
final class SalvageReader {
    private let connection: Connection?
    private var statements: [String: Statement] = [:]

    /// A reader of the database at `path`, which it leaves as it is.
    init(_ path: String) {
        // Of an empty file SQLite would remove the log.
        let byteCount = (try? FileSystem.status(path).byteCount) ?? 0
        connection =
            Connection.isWithoutPages(byteCount)
            ? nil : try? Connection(path: path, mode: .readOnly)
        connection?.limitValues(byteCount: CatalogSchema.longestRowByteCount)
    }

    deinit {
        connection?.close()
    }

    /// The values of a row, its row id as null; nil if it can't be found.
    func row(_ rowID: Int64, in table: SalvagedTable) -> [CarvedValue]? {
        do throws(DatabaseError) {
            guard let statement = try statement(table) else { return nil }
            defer { statement.reset() }
            try statement.bind(1, rowID)
            guard try statement.step() else { return nil }
            return table.columns.indices.map { index in
                let column = Int32(2 * index)
                if index == 0 || statement.isNull(column) { return .null }
                return switch statement.text(column + 1) {
                case "integer": .integer(statement.int(column))
                case "text": .text(statement.bytes(column))
                default: .bytes(statement.bytes(column))
                }
            }
        } catch {
            return nil
        }
    }

    /// By row id, the tags that the index on them has for objects in whose rows others stand, as far as it can be read.
    func indexedTags() -> [Int: [UInt8]] {
        var tags: [Int: [UInt8]] = [:]
        do throws(DatabaseError) {
            guard try connection?.holds("objects", of: CatalogSchema.tables) == true,
                // The first is answered by the index alone, the second by the table.
                let index = try connection?.prepare(
                    "SELECT id, tag FROM objects INDEXED BY objects_by_tag"),
                let table = try connection?.prepare("SELECT tag FROM objects WHERE id = ?1")
            else { return [:] }
            defer { index.reset() }
            while try index.step() {
                try table.bind(1, index.int(0))
                if try table.step(), !table.holds(index.bytes(1), in: 0) {
                    tags[Int(index.int(0))] = index.bytes(1)
                }
                table.reset()
            }
        } catch {
            // What was read is what there is.
        }
        return tags
    }

    private func statement(_ table: SalvagedTable) throws(DatabaseError) -> Statement? {
        if let known = statements[table.name] { return known }
        // Another table of that name may be one that computes what it says.
        guard try connection?.holds(table.name, of: CatalogSchema.tables) == true else {
            return nil
        }
        let columns = table.columns.map { "\($0.name), typeof(\($0.name))" }
        let prepared = try connection?.prepare(
            "SELECT \(columns.joined(separator: ", ")) FROM \(table.name) WHERE id = ?1")
        statements[table.name] = prepared
        return prepared
    }
}
