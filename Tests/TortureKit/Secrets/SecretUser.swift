internal import Foundation
internal import Sluice
internal import SluiceNative
internal import Synchronization

/// The process whose memory is looked through: it uses a store, and stops to be looked at.
///
/// What it knows of secrets it reads from files straight into the arena, or lets the store read. Only what
/// is small passes through arrays, which SECURITY.md lists.
struct SecretUser {
    let home: SecretHome

    private static let chunkByteCount = 1 << 16

    /// Makes the vault, the store and its objects, half of them under an older version of the key.
    func make() throws {
        let store = try home.open()
        _ = try store.vaults.acting(as: .owner).createVault(name: SecretHome.vault)
        let key = try importKey(0, store).versionless
        _ = try store.vaults.acting(as: .owner).setAccessPolicy(
            vault: SecretHome.vault, for: store.identity, permissions: KeyOperation.ofStores)
        _ = try store.createScope(SecretHome.scope(), key: key)
        try put("old", store)
        _ = try importKey(1, store)
        try put("new", store)
        try store.close()
        try stop("made")
    }

    private func importKey(_ index: Int, _ store: Store) throws -> KeyIdentifier {
        try home.input(SecretHome.keyFiles[index]).withBytes { pem in
            try store.vaults.acting(as: .owner).importKey(
                vault: SecretHome.vault, name: SecretHome.key, pem: pem
            )
            .key.kid
        }
    }

    /// Reads, until access is taken away in the midst of it: an object to a pipe that nobody drains, and others
    /// again and again. Nothing is asked for that gives metadata back, which would be the caller's then.
    func read() throws {
        let store = try home.open()
        let scope = try SecretHome.scope()
        let path = "\(home.directoryPath)/pipe"
        let end = try File.open(path, .readWrite)
        let (streamed, small) = (try name("old", "raw"), try name("new", "small"))
        let ended = EndCount()
        let streaming = try NativeThread.start {
            _ = try? store.get(streamed, in: scope, toFileAt: path)
            ended.count.wrappingAdd(1, ordering: .relaxed)
        }
        let reading = try NativeThread.start {
            while (try? store.get(small, in: scope)) != nil {}
            ended.count.wrappingAdd(1, ordering: .relaxed)
        }
        NativeThread.sleep(nanoseconds: 300_000_000)
        guard ended.count.load(ordering: .relaxed) == 0 else { throw StillThere() }
        try stop("reading")
        streaming.join()
        reading.join()
        try store.close()
        withExtendedLifetime(end) {}
    }

    /// Uses the store in every way, and stops in the midst of a put, with the store open, with it closed,
    /// and when access was taken away; ends as a core dump.
    func use() throws {
        var store = try home.open()
        try put("mine", store)
        try read("mine", store)
        try read("old", store)
        try read("new", store)
        _ = try store.rewrap(in: SecretHome.scope())
        try changeObjects(store)
        try putStopping(store)
        try stop("open")
        try store.close()
        try stop("closed")
        store = try home.open()
        try put("again", store)
        try read("again", store)
        try read("old", store)
        try stop("reopened")
        let late = try stopOpening()
        refuse(store)
        try stop("refused")
        try late?.close()
        try store.close()
        try stop("closed again")
        store = try home.open()
        try read("old", store)
        try put("last", store)
        try stop("to be dumped")
        try read("last", store)
        throw StillThere()
    }

    private struct StillThere: Error {}

    // MARK: Use

    private func name(_ group: String, _ what: String) throws -> ObjectName {
        try ObjectName("\(group)/\(home.text("name"))/\(what)")
    }

    private func options(_ compression: Compression) throws -> PutOptions {
        var options = PutOptions()
        options.chunkByteCount = Self.chunkByteCount
        options.compression = compression
        options.properties.contentType = "application/\(try home.text("metadata"))"
        options.metadata = ["note": try home.text("metadata")]
        return options
    }

    private func put(_ group: String, _ store: Store) throws {
        let scope = try SecretHome.scope()
        for (what, compression) in [("raw", .none), ("text", .lz4)] as [(String, Compression)] {
            try store.put(
                fileAt: "\(home.directoryPath)/in/\(what)", as: name(group, what), in: scope,
                options: options(compression))
        }
        let small = try home.text("small")
        try store.put(
            Array(small.utf8), as: name(group, "small"), in: scope, options: options(.auto))
        try store.put(
            fileAt: "\(home.directoryPath)/in/small", as: name(group, "small file"), in: scope,
            options: options(.auto))
    }

    private func read(_ group: String, _ store: Store) throws {
        let scope = try SecretHome.scope()
        for what in ["raw", "text", "small", "small file"] {
            let name = try name(group, what)
            try store.get(name, in: scope, toFileAt: "\(home.directoryPath)/out/\(what)")
            let sink = CountingSink()
            try store.get(name, range: .from(1), in: scope, to: sink)
            _ = try store.info(name, in: scope)
        }
        guard try store.get(name(group, "small"), in: scope).count == home.text("small").utf8.count
        else { throw StillThere() }
        _ = try store.list(in: scope)
    }

    private func changeObjects(_ store: Store) throws {
        let scope = try SecretHome.scope()
        try store.copy(name("mine", "text"), to: name("copy", "text"), in: scope)
        try store.rename(name("mine", "raw"), to: name("moved", "raw"), in: scope)
        try store.remove(name("mine", "small"), in: scope)
        guard try store.verify().findings.isEmpty else { throw StillThere() }
    }

    /// Puts a stream that stops halfway.
    private func putStopping(_ store: Store) throws {
        let source = StoppingSource(
            try File.open("\(home.directoryPath)/in/raw"), afterByteCount: 3 * Self.chunkByteCount
        ) { try stop("putting") }
        try store.put(
            from: source, as: name("mine", "stream"), in: SecretHome.scope(),
            options: options(.none))
    }

    /// Stops, and meanwhile opens the store anew again and again and reads, until that is refused: it may have
    /// asked for a key before access is taken away, and get it after. Returns what was opened last, open.
    private func stopOpening() throws -> Store? {
        let last = Mutex<Store?>(nil)
        let isOver = Atomic(false)
        let opener = try NativeThread.start {
            while !isOver.load(ordering: .sequentiallyConsistent) {
                guard let store = try? home.open() else { return }
                guard
                    let name = try? name("old", "small"), let scope = try? SecretHome.scope(),
                    (try? store.get(name, in: scope)) != nil
                else { return last.withLock { $0 = store } }
                try? store.close()
            }
        }
        try stop("revoked")
        isOver.store(true, ordering: .sequentiallyConsistent)
        opener.join()
        return last.withLock { $0 }
    }

    /// Tries what is refused, and says why it was: messages hold no secret.
    private func refuse(_ store: Store) {
        do {
            try read("old", store)
            print("a read was not refused")
        } catch {
            print(error)
        }
        do {
            try put("refused", store)
            print("a put was not refused")
        } catch {
            print(error)
        }
    }

    // MARK: Stops

    /// Says where it is, and waits until it may go on.
    private func stop(_ place: String) throws {
        try Stops(directoryPath: home.directoryPath).stop(place)
    }

    /// How many reads have ended.
    private final class EndCount: Sendable {
        let count = Atomic(0)
    }

    /// Keeps nothing.
    private final class CountingSink: ByteSink {
        private let byteCount = Atomic(0)

        func write(_ bytes: Span<UInt8>) { byteCount.wrappingAdd(bytes.count, ordering: .relaxed) }
    }

    /// A file's bytes, after some of which something happens.
    private final class StoppingSource: ByteSource {
        private let file: File
        private let left: Mutex<Int?>
        private let action: @Sendable () throws -> Void

        init(
            _ file: File, afterByteCount: Int, _ action: @escaping @Sendable () throws -> Void
        ) {
            self.file = file
            left = Mutex(afterByteCount)
            self.action = action
        }

        func read(into buffer: inout MutableSpan<UInt8>) throws -> Int {
            let isDue = left.withLock { left in
                guard let count = left, count <= 0 else { return false }
                left = nil
                return true
            }
            if isDue { try action() }
            let count = try file.readSome(into: &buffer)
            left.withLock { left in
                if let rest = left { left = rest - count }
            }
            return count
        }
    }
}
