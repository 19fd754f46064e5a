import Sluice
import TestSupport
import Testing

@Suite struct StoreConditionTests {
    @Test func `a condition that isn't met changes nothing`() throws {
        let home = try TestHome()
        let store = try home.open()
        defer { try? store.close() }
        let tag = EntityTag("00000000000000000000000000000000")
        #expect(
            failure { try store.put([1], as: "o", options: .with(.none, .ifMatch(tag))) }
                == .conditionNotMet)
        #expect(failure { try store.info("o") } == .notFound)
        let first = try store.put([1], as: "o", options: .with(.none, .ifAbsent))
        for bytes in [[2], patternedBytes(100_000)] {
            #expect(
                failure { try store.put(bytes, as: "o", options: .with(.none, .ifAbsent)) }
                    == .alreadyExists)
            #expect(
                failure { try store.put(bytes, as: "o", options: .with(.none, .ifMatch(tag))) }
                    == .conditionNotMet)
            #expect(try store.info("o") == first)
            #expect(try store.get("o") == [1])
        }
        let second = try store.put(
            patternedBytes(100_000), as: "o", options: .with(.none, .ifMatch(first.entityTag)))
        #expect(second.entityTag != first.entityTag)
        #expect(
            failure {
                try store.put([3], as: "o", options: .with(.none, .ifMatch(first.entityTag)))
            } == .conditionNotMet)
        #expect(try store.get("o") == patternedBytes(100_000))
        try store.remove("o")
        #expect(
            failure {
                try store.put([3], as: "o", options: .with(.none, .ifMatch(second.entityTag)))
            } == .conditionNotMet)
        try store.put([4], as: "o", options: .with(.none, .ifAbsent))
        #expect(try store.get("o") == [4])
    }

    @Test func `a refused large put leaves no blob`() throws {
        let home = try TestHome()
        try home.withStore { store throws in
            try store.put([1], as: "o")
            #expect(
                failure {
                    try store.put(
                        patternedBytes(100_000), as: "o", options: .with(.none, .ifAbsent))
                } == .alreadyExists)
            #expect(home.files("blobs") == [])
            #expect(home.files("staging") == [])
        }
    }

    @Test(arguments: [10, 70_000])
    func `of many that put if absent at once, exactly one does`(byteCount: Int) throws {
        let home = try TestHome()
        let store = try home.open()
        defer { try? store.close() }
        for round in 0..<4 {
            let winners = Box<[UInt8]>([])
            let name = try ObjectName("dir/\(round)")
            try together(16) { index in
                let bytes = [UInt8](repeating: UInt8(index), count: byteCount)
                let code = failure {
                    try store.put(bytes, as: name, options: .with(.none, .ifAbsent))
                }
                #expect(code == nil || code == .alreadyExists)
                if code == nil { winners.update { $0.append(UInt8(index)) } }
            }
            #expect(winners.value.count == 1)
            #expect(try store.get(name).first == winners.value.first)
        }
        #expect(try store.verify().findings == [])
    }

    @Test(arguments: [false, true])
    func `no update on an entity tag is lost`(isOnDisk: Bool) throws {
        let home = try TestHome()
        let store = isOnDisk ? try home.open() : try Store.inMemory()
        defer { try? store.close() }
        try store.put([0, 0], as: "counter")
        let threads = 8
        let rounds = 12
        try together(threads) { _ in
            for _ in 0..<rounds {
                while true {
                    let tag = try store.info("counter").entityTag
                    let bytes = try store.get("counter")
                    guard try store.info("counter").entityTag == tag else { continue }
                    let value = UInt16(bytes[0]) << 8 | UInt16(bytes[1]) + 1
                    let code = failure {
                        try store.put(
                            [UInt8(value >> 8), UInt8(value & 255)], as: "counter",
                            options: .with(.none, .ifMatch(tag)))
                    }
                    if code == nil { break }
                    #expect(code == .conditionNotMet)
                }
            }
        }
        #expect(try store.get("counter") == [0, UInt8(threads * rounds)])
    }

    @Test func `a refusal among puts that share a transaction is its own alone`() throws {
        let home = try TestHome()
        let store = try home.open(StoreOptions())
        defer { try? store.close() }
        try store.put([0], as: "taken")
        let refusals = Box(0)
        try together(24) { index in
            let isRefused = index.isMultiple(of: 3)
            let code = failure {
                try store.put(
                    [UInt8(index)], as: isRefused ? "taken" : ObjectName("new/\(index)"),
                    options: .with(.none, .ifAbsent))
            }
            #expect(code == (isRefused ? .alreadyExists : nil))
            if isRefused { refusals.update { $0 += 1 } }
        }
        #expect(refusals.value == 8)
        #expect(try store.get("taken") == [0])
        #expect(try store.list().entries.count == 17)
        #expect(try store.verify().findings == [])
    }
}
