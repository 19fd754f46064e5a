import Sluice
import SluiceNative
import TestSupport
import Testing

@testable import SluiceEngine

/// That the reserve serves on a full disk is shown by the torture `full-disk`.
@Suite struct StoreReserveTests {
    private static func reserve(of home: TestHome) -> [String] {
        home.directory.files(below: "store").filter { $0.hasPrefix("reserve") }
    }

    private func durable(reserveByteCount: Int = 1 << 20) -> StoreOptions {
        var options = StoreOptions()
        options.reserveByteCount = reserveByteCount
        return options
    }

    @Test func `a store sets space aside, and an old one when it is opened`() throws {
        let home = try TestHome()
        try home.withStore { store throws in _ = try store.put([1], as: "o") }
        #expect(Self.reserve(of: home) == [])
        try home.withStore(durable()) { store throws in #expect(try store.get("o") == [1]) }
        #expect(Self.reserve(of: home) == (1...4).map { "reserve-\($0)" })
        for name in Self.reserve(of: home) {
            let status = try FileSystem.status("\(home.store)/\(name)")
            #expect(status.allocatedByteCount >= 256 << 10)
            #expect(status.mode == 0o600)
        }
    }

    @Test func `none is set aside where that is not wanted`() throws {
        let home = try TestHome()
        try home.withStore(durable(reserveByteCount: 0)) { store throws in
            _ = try store.put([1], as: "o")
        }
        #expect(Self.reserve(of: home) == [])
    }

    @Test func `a store opens, reads and writes where no space can be set aside`() throws {
        let home = try TestHome()
        try home.withStore { store throws in _ = try store.put([1], as: "o") }
        for index in 1...4 { try FileSystem.makeDirectories("\(home.store)/reserve-\(index)") }
        try home.withStore(durable()) { store throws in
            #expect(try store.get("o") == [1])
            try store.put([2], as: "p")
            try store.remove("o")
        }
    }

    @Test func `a backup has none until it is used as a store`() throws {
        let home = try TestHome()
        try home.withStore(durable()) { store throws in
            try store.put([1], as: "o")
            try store.backup(to: home.directory.path("backup"))
        }
        #expect(
            !home.directory.files(below: "backup").contains { $0.hasPrefix("reserve") })
    }
}
