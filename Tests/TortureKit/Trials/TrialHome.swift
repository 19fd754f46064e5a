internal import Sluice
internal import SluiceNative
internal import TestSupport

/// A store and its vaults in a directory `home`, with what operations do to them.
struct TrialHome {
    /// The directory that `home` is in.
    let path: String

    static let vault = "mine"
    static let key = "key"
    /// Another scope under that key, for which half of the contents are sealed; the default scope has all names.
    static let sealing: ScopeName = "sealing"
    /// What objects are made of: small and large in turn.
    static let contents = (0..<8).map { index in
        patternedBytes(index % 2 == 0 ? 900 + index : 70_000 + index, seed: UInt64(index) + 1)
    }

    var location: StoreLocation { StoreLocation(home: "\(path)/home") }

    /// Opens the store.
    func open(
        create: Bool = false, durability: Durability = .full
    ) throws(StoreError) -> Store {
        var options = StoreOptions()
        options.durability = durability
        // Few, so that there are checkpoints on the way.
        options.seams.checkpointFrameCount = durability == .none ? 4 : 40
        options.createIfMissing = create
        options.workerCount = 1
        // Most of what an image of the disk would hold is zeros otherwise.
        options.reserveByteCount = 64 << 10
        return try Store.open(location, options: options)
    }

    /// Makes the store, under a key with two versions: small and large objects are under either.
    func make() throws -> Expectation {
        var expected = Expectation()
        let store = try open(create: true)
        defer { try? store.close() }
        _ = try store.vaults.acting(as: .owner).createVault(name: Self.vault)
        let first = try store.vaults.acting(as: .owner).createKey(vault: Self.vault, name: Self.key)
            .key.kid
        _ = try store.vaults.acting(as: .owner).setAccessPolicy(
            vault: Self.vault, for: store.identity, permissions: KeyOperation.ofStores)
        for scope in [ScopeName.default, Self.sealing] {
            try store.createScope(scope, key: first.versionless)
        }
        expected.versions = [first.version ?? ""]
        try Self.put(0, "old/small", store, &expected)
        try Self.put(1, "old/large", store, &expected)
        try Self.rotate(store, &expected)
        try Self.put(2, "small", store, &expected)
        try Self.put(3, "large", store, &expected)
        return expected
    }

    // MARK: What operations do

    /// Puts one of the contents.
    static func put(
        _ content: Int, _ name: String, _ store: Store, _ expected: inout Expectation
    ) throws {
        try store.put(contents[content], as: ObjectName(name), options: putOptions(content))
        expected.objects[name] = content
        expected.said[name] = nil
    }

    /// Puts one of the contents in two parts.
    static func upload(
        _ content: Int, _ name: String, _ store: Store, _ expected: inout Expectation
    ) throws {
        let bytes = contents[content]
        let upload = try store.beginUpload(ObjectName(name), options: putOptions(content))
        let middle = bytes.count / 3
        try upload.put(Array(bytes[middle...]), id: "b")
        try upload.put(Array(bytes[..<middle]), id: "a")
        try upload.commit(["a", "b"])
        expected.objects[name] = content
        expected.said[name] = nil
    }

    /// Says something of an object, which leaves its bytes.
    static func say(
        _ text: String, of name: String, _ store: Store, _ expected: inout Expectation
    ) throws {
        try store.update(ObjectName(name)) { $0.metadata[said] = text }
        expected.said[name] = text
    }

    static let said = "said"

    /// How one of the contents is put.
    static func putOptions(_ content: Int) -> PutOptions {
        var options = PutOptions()
        if content % 4 >= 2 { options.encryptionScope = sealing }
        options.chunkByteCount = 16_384
        options.compression = .none
        return options
    }

    /// Makes a version of the key, and has the store take it up.
    static func rotate(_ store: Store, _ expected: inout Expectation) throws {
        let bundle = try store.vaults.acting(as: .owner).rotateKey(vault: vault, name: key).result
        expected.versions.insert(bundle.key.kid.version ?? "")
        // The vault doesn't ask whether anybody may use it.
        guard expected.revocation == nil else { return }
        for scope in [ScopeName.default, sealing] { _ = try store.list(in: scope) }
    }

    /// Moves all objects under the newest version, each scope's data keys perhaps wrapped in another way than before.
    static func rewrap(
        _ store: Store, _ expected: inout Expectation, _ random: inout Randomness
    ) throws {
        for scope in [ScopeName.default, sealing] {
            if random.once(in: 2) {
                let isDirect = try store.scope(scope).wrapping == .direct
                try store.updateScope(scope, wrapping: isDirect ? .intermediate : .direct)
            }
            try store.rewrap(in: scope)
        }
        let current = try store.scope(.default).currentKey.version ?? ""
        expected.unneeded = expected.versions.subtracting([current])
    }

    static func revoke(_ way: Revocation, _ store: Store) throws {
        let vaults = store.vaults
        let key = try KeyIdentifier(vault: vault, name: key)
        switch way {
        case .policy:
            _ = try vaults.acting(as: .owner).deleteAccessPolicy(vault: vault, for: store.identity)
        case .identity:
            _ = try vaults.acting(as: .owner).setIdentity(store.identity, isEnabled: false)
        case .deleted: _ = try vaults.acting(as: .owner).deleteKey(key)
        case .disabled:
            _ = try vaults.acting(as: .owner).updateKey(key, KeyChanges(isEnabled: false))
        }
    }

    /// Gives access back that was taken away.
    static func restore(_ way: Revocation, _ store: Store) throws {
        let vaults = store.vaults
        let key = try KeyIdentifier(vault: vault, name: key)
        switch way {
        case .policy:
            _ = try vaults.acting(as: .owner).setAccessPolicy(
                vault: vault, for: store.identity, permissions: KeyOperation.ofStores)
        case .identity:
            _ = try vaults.acting(as: .owner).setIdentity(store.identity, isEnabled: true)
        case .deleted: _ = try vaults.acting(as: .owner).recoverKey(key)
        case .disabled:
            // Since then there may be newer ones.
            for version in try vaults.acting(as: .owner).keyVersions(vault: vault, name: Self.key) {
                _ = try vaults.acting(as: .owner).updateKey(
                    version.kid, KeyChanges(isEnabled: true))
            }
        }
    }
}
