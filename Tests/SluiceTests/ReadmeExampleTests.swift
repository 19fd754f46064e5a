internal import Foundation
import Sluice
import Testing

/// The example of a test in README.md: that it runs, and that README holds it as it stands here.
@Suite struct ReadmeExampleTests {
    @Test func `what is revoked can't be read until it is restored`() throws {
        let store = try Store.inMemory()
        try store.put("hello", as: "greeting")
        let key = try store.vaults.acting(as: .owner).open("platform").key("platform").rotate()
        try store.rewrap()
        try key.disable()
        #expect(throws: StoreError.self) { try store.get("greeting") }
        try key.enable()
        #expect(try store.get("greeting").text == "hello")
    }

    @Test func `README holds the example as it stands here`() throws {
        let here = URL(filePath: #filePath)
        let source = try String(contentsOf: here, encoding: .utf8)
        let readme = try String(
            contentsOf: here.deletingLastPathComponent().appending(path: "../../README.md"),
            encoding: .utf8)
        let lines = source.split(separator: "\n", omittingEmptySubsequences: false)
        let start = try #require(lines.firstIndex { $0.hasPrefix("    @Test func") })
        let end = try #require(lines[start...].firstIndex(of: "    }"))
        let example = lines[start...end].map { String($0.dropFirst(4)) }.joined(separator: "\n")
        #expect(example.split(separator: "\n").count == 10)
        #expect(readme.contains("import Sluice\nimport Testing\n\n\(example)\n```"))
    }
}
