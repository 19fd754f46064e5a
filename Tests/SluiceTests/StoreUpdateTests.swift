import Foundation
import Sluice
import SluiceNative
import TestSupport
import Testing

@testable import SluiceEngine

@Suite struct StoreUpdateTests {
    private let store: Store

    init() throws { store = try Store.inMemory() }

    private func put(_ name: ObjectName = "o") throws -> ObjectInfo {
        var options = PutOptions()
        options.properties = ObjectProperties(contentType: "a/b", tags: ["x": "y"])
        options.metadata = ["k": "v"]
        return try store.put([1, 2, 3], as: name, options: options)
    }

    @Test func `what is said is changed, and the bytes, their id and their time stay`() throws {
        let old = try put()
        NativeThread.sleep(nanoseconds: 2_000_000)
        let new = try store.update("o") { attributes in
            #expect(attributes.properties == old.properties && attributes.metadata == old.metadata)
            attributes.properties.contentType = ""
            attributes.properties.cacheControl = "no-store"
            attributes.metadata["k"] = nil
            attributes.metadata["é"] = "w"
        }
        #expect(new == (try store.info("o")))
        #expect(
            new.properties == ObjectProperties(cacheControl: "no-store", tags: ["x": "y"]))
        #expect(new.metadata == ["é": "w"])
        #expect(new.id == old.id && new.createdMilliseconds == old.createdMilliseconds)
        #expect(new.entityTag != old.entityTag)
        #expect(new.modifiedMilliseconds > old.modifiedMilliseconds)
        #expect(try store.get("o") == [1, 2, 3])
        #expect(try store.verify().findings == [])
    }

    @Test func `a change of the tier and of tags alone draws no other entity tag`() throws {
        let old = try put()
        let new = try store.update("o") { attributes in
            attributes.properties.tier = .archive
            attributes.properties.tags = [:]
        }
        #expect(new.properties.tier == .archive && new.properties.tags == [:])
        #expect(new.entityTag == old.entityTag)
        #expect(new.modifiedMilliseconds == old.modifiedMilliseconds)
        #expect(new == (try store.info("o")))
    }

    @Test func `a change of nothing is one, as of what touches a file`() throws {
        let old = try put()
        let new = try store.update("o") { _ in }
        #expect(new.entityTag != old.entityTag)
        #expect(new.properties == old.properties && new.metadata == old.metadata)
    }

    @Test func `metadata are gone with the last of them, and come back with the first`() throws {
        _ = try put()
        #expect(try store.update("o") { $0.metadata = [:] }.metadata == [:])
        #expect(try store.info("o").metadata == [:])
        #expect(try store.update("o") { $0.metadata["n"] = "" }.metadata == ["n": ""])
        #expect(try store.info("o").metadata == ["n": ""])
    }

    @Test func `a condition is about the object itself`() throws {
        let old = try put()
        let new = try store.update("o", if: .matches(old.entityTag)) { $0.metadata = [:] }
        #expect(
            failure {
                try store.update("o", if: .matches(old.entityTag)) { $0.metadata["a"] = "b" }
            } == .conditionNotMet)
        #expect(failure { try store.update("o", if: .absent) { _ in } } == .alreadyExists)
        #expect(try store.info("o") == new)
        #expect(failure { try store.update("none") { _ in } } == .notFound)
    }

    @Test func `what is said too long changes nothing`() throws {
        let old = try put()
        for change: (inout ObjectAttributes) -> Void in [
            { $0.metadata["k"] = String(repeating: "v", count: 8192) },
            { $0.properties.contentType = String(repeating: "t", count: 1025) },
            { $0.properties.contentMD5 = [] },
        ] {
            #expect(failure { try store.update("o", change) } == .invalidArgument)
        }
        #expect(try store.info("o") == old)
    }

    @Test func `a rename and a rewrap keep what is said, and the entity tag`() throws {
        let old = try put()
        let renamed = try store.rename("o", to: "d/p")
        #expect(renamed.entityTag == old.entityTag && renamed.id == old.id)
        #expect(renamed.metadata == old.metadata && renamed.properties == old.properties)
        #expect(try store.info("d/p") == renamed)
    }

    @Test func `a copy has it too, under an id and a tag of its own`() throws {
        let old = try put()
        let copy = try store.copy("o", to: "p")
        #expect(copy.entityTag != old.entityTag && copy.id != old.id)
        #expect(copy.metadata == old.metadata && copy.properties == old.properties)
    }

    @Test func `a pin keeps what was said when it was made`() throws {
        let old = try put()
        let pin = try store.pin("o")
        _ = try store.update("o") { $0.metadata = ["later": "yes"] }
        #expect(pin.object == old)
        #expect(try store.pins().map(\.object) == [old])
    }

    @Test func `of many who change one object each has his say`() throws {
        _ = try put()
        try together(8) { thread in
            for round in 0..<10 {
                _ = try store.update("o") { $0.metadata["\(thread).\(round)"] = "" }
            }
        }
        #expect(try store.info("o").metadata.count == 81)
    }

    @Test func `another process's change is seen by who has read before`() throws {
        let home = try TestHome()
        let (one, other) = (try home.open(), try home.open())
        defer {
            try? one.close()
            try? other.close()
        }
        try one.put([1], as: "o")
        #expect(try one.get("o") == [1] && one.info("o").metadata == [:])
        let new = try other.update("o") { $0.metadata = ["k": "v"] }
        #expect(try one.info("o") == new)
        #expect(try one.get("o") == [1])
    }

    @Test func `it is there for tasks, too`() async throws {
        try await store.put([1], as: "o")
        let info = try await store.update("o") { $0.metadata = ["k": "v"] }
        #expect(info.metadata == ["k": "v"])
    }

    @Test func `damaged metadata are told, and a repair gives the object back without them`() throws
    {
        let home = try TamperedHome().home
        try home.sql(
            """
            UPDATE objects SET metadata = substr(metadata, 1, 33) || x'00' || substr(metadata, 35)
            WHERE metadata NOTNULL
            """)
        try home.withStore { store throws in
            #expect(try store.get("raw") == TamperedHome.raw)
            #expect(failure { try store.info("raw") } == .integrity)
        }
        let report = try Store.repair(home.location, options: .fast())
        let mended = report.findings.filter { $0.problem.contains("metadata") }
        #expect(mended.allSatisfy { $0.outcome == .mended })
        let count = TamperedHome.objects.count { !TamperedHome.metadata(of: $0.1).isEmpty }
        #expect(mended.count == count)
        let directory = try #require(report.lostAndFoundPath)
        let rows = try Data(contentsOf: URL(fileURLWithPath: "\(directory)/rows.sql"))
        #expect(String(decoding: rows, as: UTF8.self).split(separator: "\n").count >= count)
        try home.withStore { store throws in
            #expect(try store.verify().findings == [])
            for (scope, name, bytes) in TamperedHome.objects {
                #expect(try store.get(name, in: scope) == bytes)
                #expect(try store.info(name, in: scope).metadata == [:])
            }
        }
    }
}
