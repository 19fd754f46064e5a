internal import Sluice
internal import SluiceNative
internal import Synchronization

/// The ways by which an object's bytes leave the library.
enum ReadWay: CaseIterable {
    case bytes, sink, file, range
}

/// What came of reading an object.
enum ReadOutcome {
    /// All that was asked for, byte for byte.
    case right
    /// An error; no byte was released that may not be.
    case refused(StoreError)
    /// Something that must never be.
    case wrong(String)
}

extension DamagedHome {
    /// Reads an object in one way. If it is refused, no more than `released` bytes of its beginning may
    /// have left, and a file must be as it was before; a range is `range`.
    func read(
        _ object: DamagedObject, _ way: ReadWay, released: Int = 0, range: Range<Int>? = nil
    ) -> ReadOutcome {
        do throws(StoreError) {
            switch way {
            case .bytes:
                let got = try store.get(object.name, in: object.scope)
                return got == object.bytes ? .right : .wrong("wrong bytes")
            case .range:
                let range = range ?? 0..<min(1, object.bytes.count)
                let got = try store.get(
                    object.name, range: .offsets(range), in: object.scope)
                return got == Array(object.bytes[range]) ? .right : .wrong("a wrong range")
            case .sink: return try readToSink(object, released)
            case .file: return try readToFile(object)
            }
        } catch {
            return .refused(error)
        }
    }

    private func readToSink(
        _ object: DamagedObject, _ released: Int
    ) throws(StoreError) -> ReadOutcome {
        let sink = ComparingSink(object.bytes)
        var refusal: StoreError?
        do throws(StoreError) {
            try store.get(object.name, in: object.scope, to: sink)
        } catch {
            refusal = error
        }
        guard sink.isRight else { return .wrong("wrong bytes reached a sink") }
        guard let refusal else {
            return sink.byteCount == object.bytes.count ? .right : .wrong("too few for a sink")
        }
        guard sink.byteCount <= released else {
            return .wrong("\(sink.byteCount) bytes reached a sink, of which \(released) are sound")
        }
        throw refusal
    }

    private func readToFile(_ object: DamagedObject) throws(StoreError) -> ReadOutcome {
        let path = "\(target)/file"
        let before: [UInt8] = [5]
        var refusal: StoreError?
        do {
            if try !FileSystem.exists(path) {
                try File.createExclusively(path).write(before.span, at: 0)
            }
            do throws(StoreError) {
                try store.get(object.name, in: object.scope, toFileAt: path)
            } catch {
                refusal = error
            }
            let got = try readFile(path)
            if refusal == nil { try FileSystem.remove(tree: path) }
            guard got == (refusal == nil ? object.bytes : before) else {
                return .wrong("wrong bytes in a file")
            }
            let names = try Directory.open(target).names()
            guard names.count <= 1 else { return .wrong("a file was left behind") }
        } catch {
            return .wrong("\(error)")
        }
        if let refusal { throw refusal }
        return .right
    }
}

/// The bytes of a file.
func readFile(_ path: String) throws(SystemError) -> [UInt8] {
    let file = try File.open(path)
    let byteCount = try file.status().byteCount
    return try [UInt8](filling: byteCount) { bytes throws(SystemError) in
        guard try file.read(into: &bytes, at: 0) == byteCount else {
            throw SystemError(call: "read", path: path, number: 5)
        }
    }
}

/// A sink that compares what it is given with what it should be.
private final class ComparingSink: ByteSink {
    private struct State {
        var byteCount = 0
        var isRight = true
    }

    private let expected: [UInt8]
    private let state = Mutex(State())

    init(_ expected: [UInt8]) {
        self.expected = expected
    }

    var byteCount: Int { state.withLock { $0.byteCount } }
    var isRight: Bool { state.withLock { $0.isRight } }

    func write(_ bytes: Span<UInt8>) {
        let copy = [UInt8](copying: bytes)
        state.withLock { state in
            let end = state.byteCount + copy.count
            state.isRight =
                state.isRight && end <= expected.count
                && copy[...] == expected[state.byteCount..<end]
            state.byteCount = end
        }
    }
}
