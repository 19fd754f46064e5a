internal import Sluice
internal import Testing

@testable import SluiceCLI

@Suite struct ArgumentTests {
    @Test func `ranges are read as in HTTP`() throws {
        #expect(try ByteRange.parse("0-0") == .offsets(0..<1))
        #expect(try ByteRange.parse("7-9") == .offsets(7..<10))
        #expect(try ByteRange.parse("7-") == .from(7))
        #expect(try ByteRange.parse("-7") == .last(7))
        let last = Int.max - 1
        #expect(try ByteRange.parse("0-\(last)") == .offsets(0..<Int.max))
    }

    @Test(arguments: ["", "-", "-0", "2-1", "a-", "-a", "1", "+1-2", "0-\(Int.max)", "1-2-3"])
    func `what is no range is refused`(text: String) {
        #expect(throws: (any Error).self) { try ByteRange.parse(text) }
    }

    @Test func `sizes have binary units`() {
        #expect(ByteCountArgument(argument: "0")?.byteCount == 0)
        #expect(ByteCountArgument(argument: "4096")?.byteCount == 4096)
        #expect(ByteCountArgument(argument: "4096B")?.byteCount == 4096)
        #expect(ByteCountArgument(argument: "64KiB")?.byteCount == 65_536)
        #expect(ByteCountArgument(argument: "1mib")?.byteCount == 1_048_576)
        #expect(ByteCountArgument(argument: "1GiB")?.byteCount == 1 << 30)
        #expect(ByteCountArgument(argument: "64K")?.byteCount == 65_536)
        #expect(ByteCountArgument(argument: "64k")?.byteCount == 65_536)
        #expect(ByteCountArgument(argument: "1M")?.byteCount == 1_048_576)
        #expect(ByteCountArgument(argument: "1G")?.byteCount == 1 << 30)
    }

    @Test(arguments: [
        "", "KiB", "-1", "1.5MiB", "64KB", "64 KiB", "K", "1Ki", "9223372036854775807KiB",
    ])
    func `what is no size is refused`(text: String) {
        #expect(ByteCountArgument(argument: text) == nil)
        #expect(throws: (any Error).self) { try ByteCountArgument.parse(text) }
    }

    @Test func `pairs are split at the first equals sign`() {
        #expect(KeyValueArgument(argument: "a=b=c")?.value == "b=c")
        #expect(KeyValueArgument(argument: "a=")?.value == "")
        #expect(KeyValueArgument(argument: "=b") == nil)
        #expect(KeyValueArgument(argument: "a") == nil)
    }

    @Test func `a key is taken once`() throws {
        let pairs = ["a=1", "b=2", "A=3"].compactMap(KeyValueArgument.init(argument:))
        #expect(try pairs.dictionary(of: "--meta") == ["a": "1", "b": "2", "A": "3"])
        for again in ["a=2", "a=1", "a="] {
            let twice = pairs + [KeyValueArgument(argument: again)].compactMap { $0 }
            #expect(throws: (any Error).self) { try twice.dictionary(of: "--meta") }
        }
    }

    @Test(arguments: [
        ("0", 0), ("900", 900), ("PT15M", 900), ("P1D", 86_400), ("PT24H", 86_400),
        ("P1W", 604_800),
    ])
    func `an interval is seconds, or as ISO 8601 has it`(text: String, seconds: Int) {
        #expect(SpanArgument(argument: text)?.seconds == seconds)
    }

    @Test(arguments: ["", "-1", "1.5", "P1M", "P1Y", "15M", "soon", "9223372036854775808"])
    func `what is no interval, or has no fixed length, is refused`(text: String) {
        #expect(SpanArgument(argument: text) == nil)
    }

    @Test func `an object is named like the last part of its path`() {
        #expect(PathName.last(of: "/b/c") == "c")
        #expect(PathName.last(of: "b/c/") == "c")
        #expect(PathName.last(of: "c") == "c")
        for path in [".", "..", "/", "a/.", "a/../"] { #expect(PathName.last(of: path) == "") }
    }
}
