internal import Foundation
import Sluice
import TestSupport
import Testing

/// What an attacker does who can write to the blobs.
@Suite struct BlobTamperTests {
    private static let sealedChunk = 4096 + 16

    private func expectDamaged(
        _ name: ObjectName, _ what: String = "", _ change: (inout [UInt8]) -> Void
    ) throws {
        let tampered = try TamperedHome()
        let path = try tampered.blobPath(name)
        var bytes = try tampered.home.directory.read(path)
        change(&bytes)
        try Data(bytes).write(to: URL(fileURLWithPath: tampered.home.directory.path(path)))
        try tampered.expectDamaged(name, what)
    }

    @Test(arguments: ["raw", "text"])
    func `a flipped bit anywhere is found`(text: String) throws {
        let name = try ObjectName(text)
        let count = try {
            let tampered = try TamperedHome()
            return try tampered.home.directory.read(tampered.blobPath(name)).count
        }()
        for place in [0, 4095, 4096, 4111, 4112, count / 2, count - 17, count - 1] {
            try expectDamaged(name, "byte \(place)") { $0[place] ^= 0x10 }
        }
    }

    @Test(arguments: ["raw", "text"])
    func `a blob that is cut or goes on is found`(text: String) throws {
        let name = try ObjectName(text)
        for count in [1, 16, Self.sealedChunk] {
            try expectDamaged(name, "cut by \(count)") { $0.removeLast(count) }
            try expectDamaged(name, "longer by \(count)") {
                $0 += [UInt8](repeating: 0, count: count)
            }
        }
        try expectDamaged(name, "empty") { $0 = [] }
    }

    @Test func `chunks in another order, or one twice, are found`() throws {
        let chunk = Self.sealedChunk
        try expectDamaged("raw", "two exchanged") { bytes in
            let first = Array(bytes[..<chunk])
            bytes.replaceSubrange(..<chunk, with: bytes[chunk..<2 * chunk])
            bytes.replaceSubrange(chunk..<2 * chunk, with: first)
        }
        try expectDamaged("raw", "one twice") { bytes in
            bytes.replaceSubrange(chunk..<2 * chunk, with: bytes[..<chunk])
        }
        try expectDamaged("raw", "one dropped") { $0.removeSubrange(chunk..<2 * chunk) }
        try expectDamaged("raw", "one inserted") { bytes in
            bytes.insert(contentsOf: Array(bytes[..<chunk]), at: chunk)
        }
        try expectDamaged("raw", "the last moved") { bytes in
            let last = Array(bytes[(19 * chunk)...])
            bytes.replaceSubrange(..<last.count, with: last)
        }
    }

    @Test func `exchanged blobs are found, both`() throws {
        let tampered = try TamperedHome()
        let one = tampered.home.directory.path(try tampered.blobPath("raw"))
        let other = tampered.home.directory.path(try tampered.blobPath("twin"))
        try FileManager.default.moveItem(atPath: one, toPath: "\(one).x")
        try FileManager.default.moveItem(atPath: other, toPath: one)
        try FileManager.default.moveItem(atPath: "\(one).x", toPath: other)
        try tampered.home.withStore { store throws in
            #expect(failure { try store.get("raw") } == .integrity)
            #expect(failure { try store.get("twin") } == .integrity)
            #expect(try store.get("text") == TamperedHome.text)
            #expect(Set(try store.verify().findings.map(\.subject)) == ["raw", "twin"])
        }
    }

    @Test func `a chunk of another object is found`() throws {
        let tampered = try TamperedHome()
        let other = try tampered.home.directory.read(tampered.blobPath("twin"))
        let path = try tampered.blobPath("raw")
        var bytes = try tampered.home.directory.read(path)
        bytes.replaceSubrange(..<Self.sealedChunk, with: other[..<Self.sealedChunk])
        try Data(bytes).write(to: URL(fileURLWithPath: tampered.home.directory.path(path)))
        try tampered.expectDamaged("raw")
    }

    @Test func `table pages in another order are found`() throws {
        // 1,030 chunks: a page of 1,024 entries, and one of 6.
        let pages = [1024 * 12 + 16, 6 * 12 + 16]
        try expectDamaged("text", "exchanged") { bytes in
            let start = bytes.count - pages[0] - pages[1]
            let table = Array(bytes[start...])
            bytes.replaceSubrange(start..., with: table[pages[0]...] + table[..<pages[0]])
        }
        try expectDamaged("text", "zeroed") { bytes in
            for place in bytes.count - pages[1]..<bytes.count { bytes[place] = 0 }
        }
    }

    @Test func `a missing blob is found`() throws {
        for name in ["raw", "text"] as [ObjectName] {
            let tampered = try TamperedHome()
            let path = try tampered.blobPath(name)
            try FileManager.default.removeItem(atPath: tampered.home.directory.path(path))
            try tampered.expectDamaged(name)
            try tampered.home.withStore { store throws in
                #expect(try store.verifyWithoutKeys().findings.count == 1)
            }
        }
    }

    @Test func `a range of what is intact is still read`() throws {
        let tampered = try TamperedHome()
        let path = try tampered.blobPath("raw")
        var bytes = try tampered.home.directory.read(path)
        bytes[5 * Self.sealedChunk] ^= 1
        try Data(bytes).write(to: URL(fileURLWithPath: tampered.home.directory.path(path)))
        try tampered.home.withStore { store throws in
            let n = 4096
            for range in [0..<5 * n, 6 * n..<20 * n - 100, 6 * n..<6 * n + 1] {
                let got = try store.get("raw", range: .offsets(range))
                #expect(got == Array(TamperedHome.raw[range]))
            }
            for range in [5 * n..<6 * n, 5 * n - 1..<5 * n + 1, 6 * n - 1..<6 * n + 9] {
                #expect(failure { try store.get("raw", range: .offsets(range)) } == .integrity)
            }
        }
    }

    @Test func `what fails to authenticate reaches no file and no sink`() throws {
        let tampered = try TamperedHome()
        let path = try tampered.blobPath("raw")
        var bytes = try tampered.home.directory.read(path)
        bytes[5 * Self.sealedChunk + 9] ^= 1
        try Data(bytes).write(to: URL(fileURLWithPath: tampered.home.directory.path(path)))
        for workerCount in 1...3 {
            try tampered.home.withStore(.fast(workerCount: workerCount)) { store throws in
                let directory = try TemporaryDirectory()
                try directory.write([5], to: "f")
                let target = directory.path("f")
                #expect(failure { try store.get("raw", toFileAt: target) } == .integrity)
                #expect(try directory.read("f") == [5])
                #expect(directory.files() == ["f"])
                let sink = KeepingSink()
                #expect(failure { try store.get("raw", to: sink) } == .integrity)
                #expect(TamperedHome.raw.starts(with: sink.bytes))
                #expect(sink.bytes.count <= 5 * 4096)
                let report = try store.getTree("", into: directory.path("tree"))
                #expect(report.failures.map(\.subject) == ["raw"])
                #expect(report.failures.map(\.error.code) == [.integrity])
                #expect(!directory.exists("tree/raw"))
                // One to another name reads none of the bytes.
                #expect(failure { try store.copy("raw", to: "raw") } == .integrity)
            }
        }
    }

    @Test func `blobs of others, and nonsense, in the store's directories harm nothing`() throws {
        let tampered = try TamperedHome()
        try tampered.home.directory.write([1], to: "store/blobs/00/stranger")
        try tampered.home.directory.write([1], to: "store/staging/stranger")
        let nonsense = String(repeating: "z", count: 32)
        try tampered.home.directory.write([1], to: "store/staging/\(nonsense)")
        try tampered.home.withStore { store throws in
            #expect(try store.verify().findings == [])
        }
        #expect(tampered.home.directory.exists("store/blobs/00/stranger"))
    }
}
