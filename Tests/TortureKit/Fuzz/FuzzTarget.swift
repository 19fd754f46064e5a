internal import TestSupport

/// A parser of what can come from a disk or a user, and what has to be true of it.
struct FuzzTarget: Sendable {
    let name: String
    /// Where inputs begin: what an encoder made, and inputs that once failed.
    let seeds: [[UInt8]]
    /// Prepares, in a directory of its own, what takes inputs. An input that shows a fault traps.
    let prepare: @Sendable (_ directoryPath: String) throws -> @Sendable ([UInt8]) -> Void

    /// A parser that needs nothing prepared.
    init(_ name: String, _ seeds: [[UInt8]], _ body: @escaping @Sendable ([UInt8]) -> Void) {
        self.name = name
        self.seeds = seeds
        prepare = { _ in body }
    }

    init(
        _ name: String, _ seeds: [[UInt8]],
        preparing prepare: @escaping @Sendable (String) throws -> @Sendable ([UInt8]) -> Void
    ) {
        self.name = name
        self.seeds = seeds
        self.prepare = prepare
    }

    static let all: [FuzzTarget] = formatTargets + vaultTargets + restTargets + storeTargets

    /// Traps if what has to be true is not.
    static func require(_ condition: Bool, _ what: @autoclosure () -> String) {
        if !condition { fatalError("fuzzing found: \(what())") }
    }

    static func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }
}

/// Numbers and bytes taken one after another from an input; zeros when it has ended.
struct InputReader {
    private var rest: ArraySlice<UInt8>

    init(_ input: [UInt8]) { rest = input[...] }

    var isEmpty: Bool { rest.isEmpty }

    mutating func byte() -> UInt8 { rest.popFirst() ?? 0 }

    mutating func number() -> Int {
        Int(
            truncatingIfNeeded: (0..<8).reduce(UInt64(0)) { value, _ in value << 8 | UInt64(byte())
            })
    }

    mutating func bytes(_ count: Int) -> [UInt8] { (0..<count).map { _ in byte() } }

    mutating func all() -> [UInt8] {
        defer { rest = [] }
        return Array(rest)
    }
}
