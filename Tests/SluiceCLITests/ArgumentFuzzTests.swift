import Sluice
import TestSupport
import Testing

@testable import SluiceCLI

/// The parsers of what a user writes, fed with mutations of what is right: none traps, and what is taken means
/// what it says.
@Suite struct ArgumentFuzzTests {
    private static let inputCount = 20_000

    private func forEachInput(_ seeds: [String], _ body: (String) throws -> Void) rethrows {
        var mutator = Mutator(seeds: seeds.map { Array($0.utf8) }, seed: 1)
        for _ in 0..<Self.inputCount { try body(String(decoding: mutator.next(), as: UTF8.self)) }
    }

    @Test func `any text is a range of bytes or none`() {
        forEachInput(["0-99", "100-", "-5", "0-9223372036854775806"]) { text in
            guard let range = try? ByteRange.parse(text) else { return }
            switch range {
            case .offsets(let offsets): #expect(offsets.lowerBound >= 0 && !offsets.isEmpty)
            case .from(let offset): #expect(offset >= 0)
            case .last(let count): #expect(count > 0)
            case .all: Issue.record("'\(text)' means all")
            }
        }
    }

    @Test func `any text is a number of bytes or none`() {
        forEachInput(["65536", "64KiB", "1MiB", "8GiB", "9223372036854775807"]) { text in
            guard let argument = ByteCountArgument(argument: text) else { return }
            #expect(argument.byteCount >= 0, "\(text)")
        }
    }

    @Test func `any text is a pair or none`() {
        forEachInput(["key=value", "key==", "k=", "=v"]) { text in
            guard let argument = KeyValueArgument(argument: text) else { return }
            #expect("\(argument.key)=\(argument.value)" == text)
        }
    }

    @Test func `any text is an interval, a moment, a key operation or none`() {
        forEachInput(["900", "PT15M", "P1D", "2027-01-31T12:00:00Z", "2027-01-31", "wrapKey"]) {
            text in
            if let interval = SpanArgument(argument: text) {
                #expect(interval.seconds >= 0, "\(text)")
            }
            if let moment = try? TimeArgument(argument: text).moment(of: "--expires") {
                #expect(!Timestamp(seconds: moment).description.isEmpty)
            }
            _ = KeyOperationArgument(argument: text)
        }
    }

    @Test func `any number is a moment that can be shown`() {
        for number in [Int.min, .min + 1, -1, 0, 1, 1 << 53, .max - 1, .max] {
            #expect(Timestamp(seconds: number).description.hasSuffix("Z"))
            #expect(Timestamp(milliseconds: number).description.hasSuffix("Z"))
            #expect(!Timestamp(seconds: number).inTable.isEmpty)
        }
    }
}
