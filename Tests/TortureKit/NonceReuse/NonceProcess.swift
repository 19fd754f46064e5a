internal import Foundation
internal import Sluice
internal import SluiceAccess
internal import SluiceNative
internal import SluiceVault
internal import TestSupport

/// A process that seals, and in the end says how often.
struct NonceProcess {
    let location: StoreLocation
    let seed: UInt64
    let operationCount: Int

    private static let threadCount = 3
    private static let pairCount = 4

    func run(_ what: String, notes: String) throws {
        var options = StoreOptions()
        options.durability = .none
        // Several data keys a minute.
        options.objectsPerDataKey = 16
        let store = try Store.open(location, options: options)
        switch what {
        case "make": try make(store)
        case "backup": try store.backup(to: "\(notes)/backup")
        case "fork": try fork(store, notes)
        default: try mix(store)
        }
        try store.close()
        print(CryptoCounters.snapshot().sealCount)
    }

    private func make(_ store: Store) throws {
        _ = try store.vaults.acting(as: .owner).createVault(name: "mine")
        let key = try store.vaults.acting(as: .owner).createKey(vault: "mine", name: "key").key.kid
        _ = try store.vaults.acting(as: .owner).setAccessPolicy(vault: "mine", for: store.identity)
        try store.createScope(.default, key: key.versionless)
        try store.createScope(Content.sealing, key: key.versionless, wrapping: .intermediate)
    }

    // MARK: A mix

    private func mix(_ store: Store) throws {
        let threads = try (0..<Self.threadCount).map { thread in
            try NativeThread.start {
                do {
                    try mix(store, thread)
                } catch {
                    FileHandle.standardError.write(Data("\(error)".utf8))
                    exit(2)
                }
            }
        }
        for thread in threads { thread.join() }
    }

    private func mix(_ store: Store, _ thread: Int) throws {
        var random = Randomness(seed: seed &+ UInt64(thread))
        var options = PutOptions()
        options.chunkByteCount = 4096
        for index in 0..<operationCount {
            let pair = random.below(Self.pairCount)
            let name = try ObjectName("n/\(pair)/a")
            switch random.below(12) {
            case 0..<4:
                // 256 chunks, with a table or without.
                options.compression = random.once(in: 2) ? .lz4 : .none
                try store.put([UInt8](repeating: 0, count: 1 << 20), as: name, options: options)
            case 4, 5: try putUntilMatched(store, name, 1 + index)
            case 6:
                guard let pin = try? store.pin(name) else { break }
                try store.unpin(pin.id)
            case 7 where random.once(in: 40):
                _ = try store.vaults.acting(as: .owner).rotateKey(vault: "mine", name: "key")
            default:
                let operation = ObjectOperation.random(
                    &random, pair: Self.pairCount + pair, content: 1 + index, lastTag: nil)
                _ = try operation.run(store, prefix: "n/")
            }
        }
    }

    /// Reads, and puts what it read if nobody has put anything meanwhile: tried again until it works.
    private func putUntilMatched(_ store: Store, _ name: ObjectName, _ number: Int) throws {
        for _ in 0..<20 {
            var condition = Condition.absent
            if let info = try? store.info(name) { condition = .matches(info.entityTag) }
            do {
                try store.put(
                    Content.bytes(number), as: name, options: Content.options(number, condition))
                return
            } catch {
                guard error.code == .conditionNotMet || error.code == .alreadyExists else {
                    throw error
                }
            }
        }
    }

    // MARK: Forks

    /// Forks, and has parent and child put the same things at the same time. The child's puts are
    /// refused, but not before they are sealed.
    private func fork(_ store: Store, _ notes: String) throws {
        let library = try CryptoLibrary.load(requireFIPS: false)
        let draws = try Directory.open(notes).openFileForAppending("draws")
        let name: ObjectName = "fork"
        try put(store, name)
        for index in 0..<operationCount {
            let over = "\(notes)/forked-\(index)"
            ForkGuard.forkChild {
                // It has its parent's memory as some other thread may have been changing it.
                alarm(50)
                try? draw(library, draws)
                for _ in 0..<20 { try? put(store, name) }
                _ = try? File.createExclusively(over)
            }
            try draw(library, draws)
            for _ in 0..<20 { try put(store, name) }
            let limit = Deadline.seconds(60)
            while !(try FileSystem.exists(over)) {
                guard !limit.hasPassed else {
                    throw Violation(description: "a forked process didn't end")
                }
                NativeThread.sleep(nanoseconds: 1_000_000)
            }
        }
    }

    private func put(_ store: Store, _ name: ObjectName) throws {
        try store.put([1, 2, 3], as: name)
    }

    /// Notes what both generators give.
    private func draw(_ library: CryptoLibrary, _ file: File) throws {
        let secret = try library.randomSecret(byteCount: 16)
        var text = ""
        secret.withBytes { bytes in
            for index in bytes.indices { text += "\(bytes[index])." }
        }
        try file.write(Array("\(text)\n\(library.randomBytes(byteCount: 16))\n".utf8).span)
    }
}
