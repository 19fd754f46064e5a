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

    @Test func `a row says by the number of its columns which table it is of`() throws {
        let leftOut = try ["unsynced", "blobs", "sqlite_schema"].map {
            try Self.columns(of: $0).count
        }
        #expect(Set(leftOut) == SalvagedTable.columnCountsLeftOut)
        let counts = SalvagedTable.all.map(\.columns.count)
        #expect(Set(counts).count == counts.count)
    }

    @Test func `a row of a scope that is being removed is told from a blob's by its kinds`() {
        let removed = SalvagedTable.holding([.null, .bytes([1]), .text([2])])
        #expect(removed?.name == "removed_scopes")
        #expect(SalvagedTable.holding([.null, .integer(1), .bytes([2])]) == nil)
    }
}
