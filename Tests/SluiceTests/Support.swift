internal import Foundation
internal import Sluice
internal import SluiceNative
internal import Synchronization
internal import TestSupport

/// The store's error that `body` throws; nil if it throws none.
func thrown<Result: ~Copyable>(_ body: () throws -> Result) -> StoreError? {
    do {
        _ = try body()
        return nil
    } catch {
        guard let error = error as? StoreError else {
            preconditionFailure("threw \(error), which is no error of a store")
        }
        return error
    }
}

/// The code of the error that `body` throws; nil if it throws none.
func failure<Result: ~Copyable>(_ body: () throws -> Result) -> StoreError.Code? {
    thrown(body)?.code
}

extension PutOptions {
    static func with(
        chunkByteCount: Int = 4096, _ compression: Compression = .none,
        _ condition: Condition = .always
    ) -> PutOptions {
        var options = PutOptions()
        options.chunkByteCount = chunkByteCount
        options.compression = compression
        options.condition = condition
        return options
    }
}

extension StoreOptions {
    /// Options for tests in which durability is not the point.
    static func fast(workerCount: Int? = nil) -> StoreOptions {
        var options = StoreOptions()
        options.durability = .none
        options.workerCount = workerCount
        return options
    }
}

/// Bytes that compress, and differ by seed and place.
func textBytes(_ byteCount: Int, seed: Int = 1) -> [UInt8] {
    let words = Array("sluice gate \(seed) keeps the water ".utf8)
    var bytes: [UInt8] = []
    bytes.reserveCapacity(byteCount + 64)
    var line = 0
    while bytes.count < byteCount {
        bytes += words
        bytes += Array(String(line).utf8)
        line += 1
    }
    return Array(bytes[..<byteCount])
}

/// Runs `body` on as many threads of their own, and waits for all; throws the first error.
func together(_ count: Int, _ body: @escaping @Sendable (Int) throws -> Void) throws {
    let first = Box<(any Error)?>(nil)
    let group = DispatchGroup()
    for index in 0..<count {
        group.enter()
        Thread.detachNewThread {
            defer { group.leave() }
            do { try body(index) } catch { first.update { $0 = $0 ?? error } }
        }
    }
    group.wait()
    if let error = first.value { throw error }
}

/// A value that threads share.
final class Box<Value: Sendable>: Sendable {
    private let mutex: Mutex<Value>

    init(_ value: Value) {
        mutex = Mutex(value)
    }

    var value: Value { mutex.withLock { $0 } }

    func update(_ body: (inout Value) -> Void) {
        mutex.withLock { body(&$0) }
    }
}

/// A home with a store and vaults on disk, gone with the value.
final class TestHome: Sendable {
    let directory: TemporaryDirectory
    var location: StoreLocation { StoreLocation(home: directory.path) }
    var store: String { location.store }

    /// Vaults whose platform key is there already: making one takes longer than most tests.
    private static let vaults = Result {
        let home = try TestHome(directory: TemporaryDirectory())
        try home.withStore { store in _ = try store.vaults.platformKey() }
        return home
    }

    private init(directory: TemporaryDirectory) {
        self.directory = directory
    }

    /// A home without a store.
    convenience init() throws {
        try self.init(directory: TemporaryDirectory())
        try copy("vaults", from: Self.vaults.get())
    }

    /// A copy of another home, whose stores are closed.
    convenience init(copying other: TestHome) throws {
        try self.init(directory: TemporaryDirectory())
        for name in ["store", "vaults"] { try copy(name, from: other) }
    }

    deinit {
        try? FileSystem.remove(tree: store)
    }

    private func copy(_ name: String, from other: TestHome) throws {
        let process = try Process.run(
            URL(fileURLWithPath: "/bin/cp"),
            arguments: ["-a", other.directory.path(name), directory.path(name)])
        process.waitUntilExit()
        precondition(process.terminationStatus == 0, "cp failed")
        guard name == "vaults" else { return }
        _ = try ReadBarrier.adopt(directoryPath: directory.path(name), isQuiet: true)
    }

    func open(_ options: StoreOptions = .fast()) throws(StoreError) -> Store {
        try Store.open(location, options: options)
    }

    /// Opens the store for `body`, and closes it.
    func withStore<Value>(
        _ options: StoreOptions = .fast(), _ body: (Store) throws -> Value
    ) throws -> Value {
        let store = try open(options)
        defer { try? store.close() }
        return try body(store)
    }

    /// Changes the catalog behind the store's back.
    func sql(_ statements: String...) throws {
        let connection = try Connection(path: "\(store)/catalog.db", mode: .readWrite)
        defer { connection.close() }
        for statement in statements { try connection.execute(statement) }
    }

    /// Makes nonsense of the catalog's header, so that a repair rebuilds it.
    func damageCatalogHeader() throws {
        var bytes = try directory.read("store/catalog.db")
        for place in 0..<100 { bytes[place] = 0xee }
        try Data(bytes).write(to: URL(fileURLWithPath: "\(store)/catalog.db"))
    }

    /// The integer that `sql` yields, of the catalog or another database.
    func integer(_ sql: String, in database: String? = nil) throws -> Int {
        let connection = try Connection(
            path: database ?? "\(store)/catalog.db", mode: .readWrite)
        defer { connection.close() }
        let statement = try connection.prepare(sql)
        return try statement.step() ? Int(statement.int(0)) : -1
    }

    /// Paths of the files in `blobs/` or `staging/`, relative to the home.
    func files(_ name: String) -> [String] {
        directory.files(below: "store/\(name)").map { "store/\(name)/\($0)" }
    }

    /// The path, relative to the home, of an object's blob.
    static func blobPath(_ tag: ObjectID) -> String {
        "store/blobs/\(tag.description.prefix(2))/\(tag.description)"
    }
}

/// A source of bytes that a closure makes.
final class ClosureSource: ByteSource {
    private let body: @Sendable (inout MutableSpan<UInt8>) throws -> Int

    init(_ body: @escaping @Sendable (inout MutableSpan<UInt8>) throws -> Int) {
        self.body = body
    }

    /// A source that gives `bytes`, at most `pieceByteCount` at a time.
    convenience init(_ bytes: [UInt8], pieceByteCount: Int = .max) {
        let offset = Box(0)
        self.init { buffer in
            let start = offset.value
            let count = min(buffer.count, bytes.count - start, pieceByteCount)
            for place in 0..<count { buffer[place] = bytes[start + place] }
            offset.update { $0 += count }
            return count
        }
    }

    func read(into buffer: inout MutableSpan<UInt8>) throws -> Int { try body(&buffer) }
}

/// A sink that keeps what it is given.
final class KeepingSink: ByteSink {
    private let taken = Box<[UInt8]>([])
    private let limit: Int

    /// Fails after `limit` bytes.
    init(failingAfter limit: Int = .max) {
        self.limit = limit
    }

    var bytes: [UInt8] { taken.value }

    struct Full: Error {}

    func write(_ bytes: Span<UInt8>) throws {
        let copy = bytes.indices.map { bytes[$0] }
        if taken.value.count + copy.count > limit { throw Full() }
        taken.update { $0 += copy }
    }
}

/// Makes a named pipe.
func makePipe(_ path: String) throws {
    let process = try Process.run(URL(fileURLWithPath: "/usr/bin/mkfifo"), arguments: [path])
    process.waitUntilExit()
    precondition(process.terminationStatus == 0, "mkfifo failed")
}
