import Foundation
import Testing

@testable import BenchKit

@Suite struct OwnStoreExampleTests {
    @Test func `the article's example measures`() throws {
        // What the host takes away is no fault of the example: no block is dropped for it.
        let result = try measureDictionary(
            against: DictionaryPut(), Comparison(blockCount: 12, stolenFractionLimit: 1))
        #expect(result.name == "put-dictionary")
        #expect(result.comparison.blocks.count >= 12)
    }

    @Test func `the article shows the example word for word`() throws {
        let here = URL(filePath: #filePath).deletingLastPathComponent()
        let source = try String(
            contentsOf: here.appending(path: "OwnStoreExample.swift"), encoding: .utf8)
        let parts = source.components(separatedBy: "// BEGIN EXAMPLE\n")
        let example = parts[1].components(separatedBy: "// END EXAMPLE")[0]
        let article = try String(
            contentsOf: here.deletingLastPathComponent().deletingLastPathComponent()
                .appending(path: "Sources/Sluice/Sluice.docc/Benchmarks.md"), encoding: .utf8)
        #expect(article.contains("```swift\n\(example)```"))
    }
}
