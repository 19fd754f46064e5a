import Sluice
import SluiceNative
import TestSupport
import Testing

@testable import SluiceEngine

/// What a repair knows of the catalog's tables, held against the schema.
@Suite struct SalvagedTableTests {
    private static func columns(of table: String) throws -> [String] {
        let store = try Store.inMemory()
        defer { try? store.close() }
        return try store.sqliteCatalog.read { reader throws(StoreError) in
            var names: [String] = []
            try reader.connection.forEachRow("SELECT name FROM pragma_table_info('\(table)')") {
                row throws(StoreError) in names.append(row.text(0))
            }
            return names
        }
    }

    @Test(arguments: SalvagedTable.all.map(\.name))
    func `its columns are the schema's, in their order`(name: String) throws {
        let table = try #require(SalvagedTable.all.first { $0.name == name })
        #expect(table.columns.map(\.name) == (try Self.columns(of: name)))
    }

    @Test func `a row says by its columns which table it is of`() throws {
        let leftOut = try ["unsynced", "blobs", "moments", "sqlite_schema"].map {
            try Self.columns(of: $0).count
        }
        #expect(Set(leftOut) == SalvagedTable.columnCountsLeftOut)
        for (index, table) in SalvagedTable.all.enumerated() {
            for other in SalvagedTable.all[..<index]
            where other.columns.count == table.columns.count {
                #expect(other.columns.map(\.kind) != table.columns.map(\.kind))
            }
        }
    }

    @Test func `rows with as many columns are told apart by their kinds`() {
        let removed = SalvagedTable.holding([.null, .bytes([1]), .text([2]), .integer(1)])
        #expect(removed?.name == "removed_scopes")
        #expect(SalvagedTable.holding([.null, .integer(1), .bytes([2])]) == nil)
        let directory: [CarvedValue] = [
            .null, .integer(1), .bytes([2]), .bytes([3]), .bytes([4]), .bytes([5]),
        ]
        #expect(SalvagedTable.holding(directory)?.name == "directories")
        var state = directory
        state[3] = .integer(6)
        #expect(SalvagedTable.holding(state)?.name == "states")
    }
}
