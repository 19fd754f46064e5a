import Sluice
import SluiceNative
import TestSupport
import Testing

@testable import SluiceEngine

@Suite struct ObjectEditTests {
    @Test func `appends, writes, clears and cuts do what they do to an array`() throws {
        for seed in 0..<6 as Range<UInt64> {
            let home = try TestHome()
            let store = try home.open()
            defer { try? store.close() }
            var random = Randomness(seed: seed)
            var model = patternedBytes(seed % 2 == 0 ? 10 : 100_000, seed: seed)
            try store.put(model, as: "o", options: .with(seed % 3 == 0 ? .lz4 : .none))
            for step in 0..<40 {
                try edit(&model, of: store, step, &random)
                #expect(try store.get("o") == model, "seed \(seed), step \(step)")
                guard !model.isEmpty else { continue }
                let lower = random.below(model.count)
                let upper = lower + 1 + random.below(model.count - lower)
                #expect(
                    try store.get("o", range: .offsets(lower..<upper))
                        == Array(model[lower..<upper]), "seed \(seed), step \(step)")
            }
            #expect(try store.verify().findings == [], "seed \(seed)")
            #expect(try store.verifyWithoutKeys().findings == [], "seed \(seed)")
            try store.remove("o")
            #expect(eventually { home.files("blobs").isEmpty })
        }
    }

    private func edit(
        _ model: inout [UInt8], of store: Store, _ step: Int, _ random: inout Randomness
    ) throws {
        let bytes = patternedBytes(
            1 + random.below(random.once(in: 2) ? 50 : 90_000), seed: UInt64(step))
        switch random.below(5) {
        case 0:
            model += bytes
            try store.append(bytes, to: "o")
        case 1:
            let offset = random.below(model.count + 1)
            let end = min(model.count, offset + bytes.count)
            model.replaceSubrange(offset..<end, with: bytes)
            try store.write(bytes, to: "o", at: offset)
        case 2:
            let offset = model.count + random.below(100_000)
            model += [UInt8](repeating: 0, count: offset - model.count) + bytes
            try store.write(bytes, to: "o", at: offset)
        case 3:
            let lower = random.below(model.count + 1)
            let range = lower..<min(model.count, lower + random.below(70_000))
            for place in range { model[place] = 0 }
            try store.clear(range, of: "o")
        default:
            let byteCount = random.below(model.count + 40_000)
            if byteCount < model.count { model.removeLast(model.count - byteCount) }
            model += [UInt8](repeating: 0, count: byteCount - model.count)
            try store.resize("o", to: byteCount)
        }
    }

    @Test func `what is said of an object stays, but for the digest of bytes that it had`() throws {
        let store = try Store.inMemory()
        var options = PutOptions()
        options.properties.contentType = "a/b"
        options.properties.contentMD5 = [UInt8](repeating: 1, count: 16)
        options.metadata = ["k": "v"]
        for byteCount in [3, 100_000] {
            let old = try store.put(patternedBytes(byteCount), as: "o", options: options)
            let new = try store.append([9], to: "o")
            #expect(new.byteCount == byteCount + 1)
            #expect(new.properties.contentType == "a/b" && new.properties.contentMD5 == nil)
            #expect(new.metadata == ["k": "v"])
            #expect(new.entityTag != old.entityTag)
            #expect(
                failure { try store.append([9], to: "o", if: .matches(old.entityTag)) }
                    == .conditionNotMet)
            try store.append([9], to: "o", if: .matches(new.entityTag))
        }
        #expect(failure { try store.append([1], to: "none") } == .notFound)
        #expect(failure { try store.write([1], to: "o", at: -1) } == .invalidRange)
        #expect(failure { try store.write([1], to: "o", at: .max) } == .invalidRange)
    }

    @Test func `appends at once lose none of them`() throws {
        let store = try Store.inMemory()
        try store.put(patternedBytes(70_000), as: "o")
        try together(8) { index in
            for _ in 0..<25 { try store.append([UInt8(index)], to: "o") }
        }
        let tail = try store.get("o", range: .from(70_000))
        for index in 0..<8 { #expect(tail.filter { $0 == UInt8(index) }.count == 25) }
        #expect(try store.verify().findings == [])
    }

    @Test func `appends of a few bytes make few extents`() throws {
        let store = try Store.inMemory()
        try store.put(patternedBytes(70_000), as: "o")
        for index in 0..<100 { try store.append([UInt8(index), 0, 1], to: "o") }
        let count = try store.context.catalog.extents(ofObject: 1).count
        #expect(count <= 3)
    }

    @Test func `a copy of a large object shares its blobs, and neither needs the other`() throws {
        let home = try TestHome()
        let store = try home.open()
        defer { try? store.close() }
        let bytes = textBytes(500_000)
        try store.put(bytes, as: "o", options: .with(.lz4))
        try store.copy("o", to: "copy")
        #expect(home.files("blobs").count == 2)
        #expect(try store.get("copy") == bytes)
        try store.copy("copy", to: "again")
        #expect(home.files("blobs").count == 3)
        try store.remove("o")
        try store.append([1], to: "copy")
        #expect(try store.get("again") == bytes)
        #expect(try store.get("copy") == bytes + [1])
        #expect(try store.verify().findings == [])
        try store.remove("copy")
        try store.remove("again")
        #expect(eventually { home.files("blobs").isEmpty })
    }

    @Test func `zeros take no space`() throws {
        let home = try TestHome()
        let store = try home.open()
        defer { try? store.close() }
        try store.put([1], as: "o")
        try store.write([2], to: "o", at: 1 << 40)
        #expect(try store.info("o").byteCount == (1 << 40) + 1)
        #expect(try store.get("o", range: .last(3)) == [0, 0, 2])
        #expect(try store.get("o", range: .offsets(0..<2)) == [1, 0])
    }
}
