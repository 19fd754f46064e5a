internal import SluiceNative

/// What a column holds, as it is stored.
enum ColumnValue: Equatable {
    case null
    case integer(Int64)
    case bytes([UInt8])
    case text([UInt8])

    /// How many bits there are to flip.
    var bitCount: Int {
        switch self {
        case .null: 0
        case .integer: 64
        case .bytes(let bytes), .text(let bytes): 8 * bytes.count
        }
    }

    /// The value with one bit flipped.
    func flipped(_ bit: Int) -> ColumnValue {
        func flip(_ bytes: [UInt8]) -> [UInt8] {
            // Of an empty one there is none: one byte is more than there was.
            guard !bytes.isEmpty else { return [1] }
            var bytes = bytes
            bytes[bit / 8] ^= 1 << UInt8(bit % 8)
            return bytes
        }
        return switch self {
        case .null: .bytes([0])
        case .integer(let value): .integer(value ^ (1 << Int64(bit)))
        case .bytes(let bytes): .bytes(flip(bytes))
        case .text(let bytes): .text(flip(bytes))
        }
    }
}

/// What FORMAT promises of a column that was altered.
enum ColumnPromise: Equatable {
    /// Reading is refused.
    case refused
    /// Reading is refused, or doesn't find the object, as if it had been removed.
    case hidden
    /// Reading gives the right answer or is refused: nothing authenticates the column, because nothing
    /// that is read hangs on it.
    case open(why: String)
}

/// A column whose bits are flipped.
struct RowColumn {
    let table: String
    let name: String
    let promise: ColumnPromise

    private static let rowID = ColumnPromise.open(why: "a row id is local to the file (section 3)")
    private static let count = ColumnPromise.open(
        why: "a count can be computed from the rows, and verify does (sections 3 and 11)")

    /// Every column that is not refused when it is altered, and why not.
    private static let exceptions: [String: [String: ColumnPromise]] = [
        "objects": [
            "id": rowID, "scope": .hidden, "tag": .hidden,
            "due": .open(why: "a hint, which verify compares with the document (section 3)"),
        ],
        "wrapped_keys": [
            "scope": .open(why: "it says which objects a sweep is for; verify compares it"),
            "objects": count, "bytes": count,
        ],
        "blobs": ["refs": count],
        "scopes": [
            "id": .hidden, "name": .hidden,
            "polled": .open(why: "a note, which nothing authenticates (section 3)"),
        ],
        "store": [
            "created": .open(why: "told to nobody"),
            "format": .open(why: "user_version is the one that counts (section 3)"),
        ],
        "directories": ["id": rowID, "scope": .hidden, "tag": .hidden, "parent": .hidden],
    ]

    /// The columns of a table.
    static func all(of table: String, in catalog: Connection) throws -> [RowColumn] {
        let names = try catalog.prepare("SELECT name FROM pragma_table_info('\(table)')")
        var columns: [RowColumn] = []
        while try names.step() {
            let name = names.text(0)
            columns.append(
                RowColumn(
                    table: table, name: name,
                    promise: exceptions[table]?[name] ?? .refused))
        }
        return columns
    }
}

/// A row of the catalog: its columns, in order, without its row id.
struct RowImage: Equatable {
    var columns: [(name: String, value: ColumnValue)]

    static func == (left: RowImage, right: RowImage) -> Bool {
        left.columns.map(\.name) == right.columns.map(\.name)
            && left.columns.map(\.value) == right.columns.map(\.value)
    }

    subscript(name: String) -> ColumnValue {
        get { columns.first { $0.name == name }?.value ?? .null }
        set {
            for index in columns.indices where columns[index].name == name {
                columns[index].value = newValue
            }
        }
    }
}

extension Connection {
    /// What a column of a row holds.
    func value(_ table: String, _ column: String, _ rowID: Int) throws -> ColumnValue {
        let query = try prepare(
            "SELECT \(column), typeof(\(column)) FROM \(table) WHERE id = \(rowID)")
        guard try query.step() else { throw TortureFault("\(table) has no row \(rowID)") }
        return switch query.text(1) {
        case "integer": .integer(query.int(0))
        case "blob": .bytes(query.bytes(0))
        case "text": .text(query.bytes(0))
        default: .null
        }
    }

    /// A row, without its id.
    func row(_ table: String, _ rowID: Int) throws -> RowImage {
        var image = RowImage(columns: [])
        for column in try RowColumn.all(of: table, in: self) where column.name != "id" {
            image.columns.append((column.name, try value(table, column.name, rowID)))
        }
        return image
    }

    /// Puts a row in the place of the one with this id, or adds it.
    func put(_ row: RowImage, _ table: String, _ rowID: Int) throws {
        let names = row.columns.map(\.name).joined(separator: ", ")
        let places = row.columns.indices.map { Self.place($0 + 2, row.columns[$0].value) }
        let statement = try prepare(
            """
            INSERT OR REPLACE INTO \(table) (id, \(names)) \
            VALUES (?1, \(places.joined(separator: ", ")))
            """)
        try statement.bind(1, rowID)
        for index in row.columns.indices {
            try statement.bind(Int32(index + 2), row.columns[index].value)
        }
        try statement.run()
    }

    /// Writes a column of a row; false if the catalog itself refuses the value.
    func set(_ column: RowColumn, _ rowID: Int, to value: ColumnValue) throws -> Bool {
        let statement = try prepare(
            "UPDATE \(column.table) SET \(column.name) = \(Self.place(2, value)) WHERE id = ?1")
        try statement.bind(1, rowID)
        try statement.bind(2, value)
        do throws(DatabaseError) {
            try statement.run()
            return true
        } catch {
            guard error.isConstraint else { throw error }
            return false
        }
    }

    /// Text is bound as bytes, for what is flipped in it may be no UTF-8.
    private static func place(_ index: Int, _ value: ColumnValue) -> String {
        if case .text = value { "CAST(?\(index) AS TEXT)" } else { "?\(index)" }
    }
}

extension Statement {
    func bind(_ index: Int32, _ value: ColumnValue) throws(DatabaseError) {
        switch value {
        case .null: try bind(index, nil)
        case .integer(let value): try bind(index, value)
        case .bytes(let bytes), .text(let bytes): try bind(index, bytes)
        }
    }
}
