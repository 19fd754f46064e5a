import Sluice
import SluiceNative
import TestSupport
import Testing

@Suite struct StoreConditionTests {
    @Test func `a condition that isn't met changes nothing`() throws {
        let home = try TestHome()
        let store = try home.open()
        defer { try? store.close() }
        let tag = EntityTag("00000000000000000000000000000000")
        #expect(
            failure { try store.put([1], as: "o", options: .with(.none, .matches(tag))) }
                == .conditionNotMet)
        #expect(failure { try store.info("o") } == .notFound)
        let first = try store.put([1], as: "o", options: .with(.none, .absent))
        for bytes in [[2], patternedBytes(100_000)] {
            #expect(
                failure { try store.put(bytes, as: "o", options: .with(.none, .absent)) }
                    == .alreadyExists)
            #expect(
                failure { try store.put(bytes, as: "o", options: .with(.none, .matches(tag))) }
                    == .conditionNotMet)
            #expect(try store.info("o") == first)
            #expect(try store.get("o") == [1])
        }
        let second = try store.put(
            patternedBytes(100_000), as: "o", options: .with(.none, .matches(first.entityTag)))
        #expect(second.entityTag != first.entityTag)
        #expect(
            failure {
                try store.put([3], as: "o", options: .with(.none, .matches(first.entityTag)))
            } == .conditionNotMet)
        #expect(try store.get("o") == patternedBytes(100_000))
        try store.remove("o")
        #expect(
            failure {
                try store.put([3], as: "o", options: .with(.none, .matches(second.entityTag)))
            } == .conditionNotMet)
        try store.put([4], as: "o", options: .with(.none, .absent))
        #expect(try store.get("o") == [4])
    }

    @Test func `a refused large put leaves no blob`() throws {
        let home = try TestHome()
        try home.withStore { store throws in
            try store.put([1], as: "o")
            #expect(
                failure {
                    try store.put(
                        patternedBytes(100_000), as: "o", options: .with(.none, .absent))
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
                    try store.put(bytes, as: name, options: .with(.none, .absent))
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
                            options: .with(.none, .matches(tag)))
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
                    options: .with(.none, .absent))
            }
            #expect(code == (isRefused ? .alreadyExists : nil))
            if isRefused { refusals.update { $0 += 1 } }
        }
        #expect(refusals.value == 8)
        #expect(try store.get("taken") == [0])
        #expect(try store.list().entries.count == 17)
        #expect(try store.verify().findings == [])
    }

    // MARK: Every operation

    /// What takes a condition about an object `o`, and changes it or gives it.
    private static let operations: [(String, @Sendable (Store, Condition) throws -> Void)] = [
        ("put", { try $0.put([9], as: "o", options: .with(.none, $1)) }),
        (
            "put of a large one",
            { try $0.put(patternedBytes(80_000), as: "o", options: .with(.none, $1)) }
        ),
        ("rename over it", { try $0.rename("other", to: "o", if: $1) }),
        ("copy over it", { try $0.copy("other", to: "o", if: $1) }),
        ("change", { try $0.update("o", if: $1) { $0.metadata = ["a": "b"] } }),
        ("removal", { try $0.remove("o", if: $1) }),
        ("info", { _ = try $0.info("o", if: $1) }),
        ("get", { _ = try $0.get("o", if: $1) }),
        ("get to a sink", { try $0.get("o", if: $1, to: KeepingSink()) }),
    ]

    @Test(arguments: operations.indices)
    func `each operation does what its condition says`(index: Int) throws {
        let (name, operation) = Self.operations[index]
        let store = try Store.inMemory()
        defer { try? store.close() }
        try store.put([1], as: "other")
        let old = try store.put([2], as: "o")
        let another = EntityTag(String(repeating: "0", count: 32))
        let (before, after) = (old.modifiedMilliseconds - 1, old.modifiedMilliseconds)
        for (condition, code) in [
            (.absent, .alreadyExists), (.matches(another), .conditionNotMet),
            (.differs(from: another, old.entityTag), .notModified),
            (.unmodified(sinceMilliseconds: before), .conditionNotMet),
            (.modified(sinceMilliseconds: after), .notModified),
            (.present.and(.matches(another)), .conditionNotMet),
            (
                .matches(old.entityTag).and(.unmodified(sinceMilliseconds: before)),
                .conditionNotMet
            ),
        ] as [(Condition, StoreError.Code)] {
            #expect(failure { try operation(store, condition) } == code, "\(name), \(condition)")
            #expect(try store.info("o") == old, "\(name), \(condition)")
        }
        let met = Condition.present.and(.matches(another, old.entityTag))
            .and(.differs(from: another)).and(.unmodified(sinceMilliseconds: after))
            .and(.modified(sinceMilliseconds: before))
        #expect(failure { try operation(store, met) } == nil, "\(name)")
    }

    @Test(arguments: 0..<4)
    func `where there is no object, what asks about one that is there is met or not`(index: Int)
        throws
    {
        let (name, operation) = Self.operations[index]
        let tag = EntityTag(String(repeating: "0", count: 32))
        for (condition, code) in [
            (.absent, nil), (.present, .conditionNotMet), (.matches(tag), .conditionNotMet),
            (.differs(from: tag), nil), (.unmodified(sinceMilliseconds: 0), nil),
            (.modified(sinceMilliseconds: .max), nil),
        ] as [(Condition, StoreError.Code?)] {
            let store = try Store.inMemory()
            defer { try? store.close() }
            try store.put([1], as: "other")
            #expect(failure { try operation(store, condition) } == code, "\(name), \(condition)")
        }
    }

    @Test func `of many that put if nobody modified it, one at a time does`() throws {
        let home = try TestHome()
        let store = try home.open()
        defer { try? store.close() }
        for byteCount in [10, 70_000] {
            try store.put([0], as: "o")
            let moment = try store.info("o").modifiedMilliseconds
            // So that every other's moment is later.
            NativeThread.sleep(nanoseconds: 3_000_000)
            let winners = Box(0)
            try together(8) { index in
                let bytes = [UInt8](repeating: UInt8(index), count: byteCount)
                let condition = Condition.unmodified(sinceMilliseconds: moment)
                let code = failure {
                    try store.put(bytes, as: "o", options: .with(.none, condition))
                }
                #expect(code == nil || code == .conditionNotMet)
                if code == nil { winners.update { $0 += 1 } }
            }
            #expect(winners.value == 1)
        }
    }

    @Test func `a condition is met by what is there, not by what another process saw`() throws {
        let home = try TestHome()
        let (one, other) = (try home.open(), try home.open())
        defer { for store in [one, other] { try? store.close() } }
        let first = try one.put([1], as: "o")
        #expect(try one.get("o", if: .matches(first.entityTag)) == [1])
        let second = try other.put([2], as: "o")
        #expect(failure { try one.get("o", if: .matches(first.entityTag)) } == .conditionNotMet)
        #expect(try one.get("o", if: .differs(from: first.entityTag)) == [2])
        #expect(failure { try one.remove("o", if: .matches(first.entityTag)) } == .conditionNotMet)
        try one.remove("o", if: .matches(second.entityTag))
        #expect(failure { try other.info("o") } == .notFound)
    }

    @Test func `tasks have conditions, too`() async throws {
        let store = try Store.inMemory()
        let info = try await store.put([1], as: "o")
        #expect(try await store.get("o", if: .matches(info.entityTag)) == [1])
        try await store.remove("o", if: .matches(info.entityTag))
    }

    @Test func `a sequence number can be asked for, and is counted by who changes the object`()
        throws
    {
        let store = try Store.inMemory(options: .fast())
        defer { try? store.close() }
        try store.put([1, 2, 3], as: "pages")
        try store.write([9], to: "pages", at: 0, if: .sequenceNumber(0...0))
        let count = { (number: Int) in
            try store.update("pages", if: .sequenceNumber(0...number)) {
                $0.properties.sequenceNumber = number
            }
        }
        #expect(try count(7).properties.sequenceNumber == 7)
        #expect(failure { try count(6) } == .conditionNotMet)
        for condition in [Condition.sequenceNumber(0...6), .sequenceNumber(8 ... .max)] {
            #expect(
                failure { try store.write([8], to: "pages", at: 0, if: condition) }
                    == .conditionNotMet)
            #expect(failure { try store.get("pages", if: condition) } == .conditionNotMet)
            #expect(failure { try store.remove("pages", if: condition) } == .conditionNotMet)
        }
        try store.write([7], to: "pages", at: 1, if: .sequenceNumber(7...7))
        #expect(try store.get("pages", if: .sequenceNumber(0...7)) == [9, 7, 3])
        #expect(try store.info("pages").properties.sequenceNumber == 7)
        #expect(
            failure {
                try store.put(
                    [1], as: "new", options: PutOptions(condition: .sequenceNumber(0...7)))
            }
                == .conditionNotMet)
        #expect(
            failure { try store.update("pages") { $0.properties.sequenceNumber = -1 } }
                == .invalidArgument)
    }
}
