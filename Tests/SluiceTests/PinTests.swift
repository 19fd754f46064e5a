import Sluice
import SluiceAccess
import SluiceVault
import TestSupport
import Testing

@testable import SluiceEngine

@Suite struct PinTests {
    private let small = patternedBytes(3000, seed: 1)
    private let large = patternedBytes(90_000, seed: 2)

    private func expect(
        _ store: Store, serves pin: PinID, _ bytes: [UInt8], _ directory: TemporaryDirectory
    ) throws {
        #expect(try store.get(pinned: pin) == bytes)
        #expect(
            try store.get(pinned: pin, range: .offsets(1000..<2001)) == Array(bytes[1000...2000]))
        let sink = KeepingSink()
        try store.get(pinned: pin, to: sink)
        #expect(sink.bytes == bytes)
        try store.get(pinned: pin, toFileAt: directory.path("pinned"))
        #expect(try directory.read("pinned") == bytes)
    }

    @Test func `pins survive a revocation, an overwrite, a removal and a restart`() throws {
        let home = try TestHome()
        var pins: [PinInfo] = []
        let directory = home.directory
        try home.withStore { store throws in
            let customer = try Customer(store)
            for (name, bytes) in [("small", small), ("large", large)] {
                let name = try ObjectName(name)
                try store.put(bytes, as: name, options: .with())
                pins.append(try store.pin(name))
            }
            #expect(try store.status().pinCount == 2)
            #expect(pins.map(\.object.keyIdentifier) == [customer.first, customer.first])
            try RevocationKind.keyDeleted.revoke(customer)
            #expect(failure { try store.get("small") } == .accessDenied)
            try expect(store, serves: pins[0].id, small, directory)
            try expect(store, serves: pins[1].id, large, directory)
            #expect(try store.pins() == pins)
            #expect(failure { try store.pin("small") } == .accessDenied)
        }
        try home.withStore { store throws in
            #expect(failure { try store.get("large") } == .accessDenied)
            try expect(store, serves: pins[0].id, small, directory)
            try expect(store, serves: pins[1].id, large, directory)
            #expect(try store.pins() == pins)
            _ = try store.vaults.acting(as: .owner).recoverKey(
                pins[0].object.keyIdentifier.versionless)
            try store.put([1], as: "small")
            try store.remove("large")
            #expect(try store.get("small") == [1])
            try expect(store, serves: pins[0].id, small, directory)
            try expect(store, serves: pins[1].id, large, directory)
            #expect(try store.verify().findings == [])
        }
        try home.withStore { store throws in
            try expect(store, serves: pins[1].id, large, directory)
            #expect(home.files("blobs").count == 1)
            for pin in pins { try store.unpin(pin.id) }
            #expect(try store.pins() == [])
            #expect(failure { try store.get(pinned: pins[0].id) } == .notFound)
            #expect(failure { try store.unpin(pins[0].id) } == .notFound)
            #expect(eventually { home.files("blobs") == [] })
        }
    }

    @Test func `an object that was pinned and unpinned stays`() throws {
        let store = try Store.inMemory(options: .fast())
        defer { try? store.close() }
        try store.put(large, as: "o", options: .with())
        let pins = [try store.pin("o"), try store.pin("o")]
        #expect(pins[0].id != pins[1].id)
        for pin in pins { try store.unpin(pin.id) }
        #expect(try store.get("o") == large)
        #expect(try store.verify().findings == [])
    }

    @Test func `what isn't there can't be pinned`() throws {
        let store = try Store.inMemory(options: .fast())
        defer { try? store.close() }
        #expect(failure { try store.pin("o") } == .notFound)
        #expect(try store.pins() == [])
    }

    @Test func `a pin survives rotations and sweeps`() throws {
        let store = try Store.inMemory(options: .fast())
        defer { try? store.close() }
        let customer = try Customer(store)
        try store.put(small, as: "o")
        let pin = try store.pin("o")
        for _ in 0..<2 {
            try customer.rotate()
            try store.rewrap()
        }
        try customer.disable(customer.first)
        #expect(try store.get(pinned: pin.id) == small)
        #expect(try store.pins() == [pin])
    }
}
