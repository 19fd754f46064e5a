import SluiceFormat
import Testing

@Suite struct BindingTests {
    private func randomBinding(_ random: inout Randomness) -> ObjectBinding {
        ObjectBinding(
            storeID: random.bytes(16), scopeID: random.bytes(16), tag: random.bytes(16),
            directory: random.bytes(16), objectID: random.bytes(16), entityTag: random.bytes(16),
            revision: random.bytes(32),
            byteCount: Int.random(in: 0...1 << 53, using: &random),
            storedByteCount: Int.random(in: 0...1 << 54, using: &random), chunkSize: .standard,
            codec: Bool.random(using: &random) ? .raw : .lz4, commitment: random.bytes(32),
            tableDigest: Bool.random(using: &random) ? random.bytes(32) : nil,
            metadataTag: Bool.random(using: &random) ? random.bytes(16) : nil)
    }

    /// Each change alters one field alone.
    private static let objectChanges: [@Sendable (inout ObjectBinding) -> Void] = [
        { $0.storeID[15] ^= 1 }, { $0.scopeID[0] ^= 1 }, { $0.tag[3] ^= 0x80 },
        { $0.directory[15] ^= 1 }, { $0.objectID[0] ^= 1 }, { $0.entityTag[0] ^= 1 },
        { $0.revision[31] ^= 1 }, { swap(&$0.objectID, &$0.entityTag) },
        { $0.byteCount += 1 }, { $0.storedByteCount += 1 },
        { $0.chunkSize = ChunkSize(exponent: 12) ?? .standard },
        { $0.codec = $0.codec == .raw ? .lz4 : .raw }, { $0.commitment[31] ^= 1 },
        { $0.tableDigest = $0.tableDigest == nil ? [UInt8](repeating: 0, count: 32) : nil },
        { $0.tableDigest = ($0.tableDigest ?? [UInt8](repeating: 1, count: 32)).map { $0 ^ 1 } },
        { $0.metadataTag = $0.metadataTag == nil ? [UInt8](repeating: 0, count: 16) : nil },
        { $0.metadataTag = ($0.metadataTag ?? [UInt8](repeating: 1, count: 16)).map { $0 ^ 1 } },
    ]

    @Test func `rows that differ in any field have different encodings`() {
        var random = Randomness(seed: 5)
        var seen: [[UInt8]: ObjectBinding] = [:]
        for _ in 0..<200 {
            let binding = randomBinding(&random)
            for change in [{ @Sendable _ in }] + Self.objectChanges {
                var changed = binding
                change(&changed)
                let known = seen.updateValue(changed, forKey: changed.encoded())
                #expect(known == nil || known == changed)
            }
        }
        // A change of nothing is in there once per binding.
        #expect(seen.count >= 200 * Self.objectChanges.count)
    }

    @Test func `no kind of row shares an encoding with another`() {
        let zeros = [UInt8](repeating: 0, count: 16)
        let object = ObjectBinding(
            storeID: zeros, scopeID: zeros, tag: zeros, directory: zeros, objectID: zeros,
            entityTag: zeros, revision: zeros + zeros, byteCount: 0, storedByteCount: 0,
            chunkSize: .standard, codec: .raw, commitment: zeros + zeros, tableDigest: nil,
            metadataTag: nil)
        let directory = DirectoryBinding(
            storeID: zeros, scopeID: zeros, tag: zeros, parent: zeros, revision: zeros + zeros)
        let scope = ScopeBinding(
            storeID: zeros, scopeID: zeros, name: "", keySetting: "", rewrapMode: 0, pollSeconds: 0,
            keepsVersions: false, removedSeconds: 0, dataKeyScheme: 0, identity: "", scheme: 0,
            keyIdentifier: "", wrappedKey: [],
            commitment: zeros + zeros,
            createdMilliseconds: 0)
        let metadata = MetadataBinding.encoded(storeID: zeros, scopeID: zeros)
        let dataKey = DataKeyBinding.encoded(storeID: zeros, scopeID: zeros, keyIdentifier: "")
        let encodings = [
            object.encoded(), directory.encoded(), scope.encoded(), metadata, dataKey,
        ]
        #expect(Set(encodings).count == encodings.count)
        // None is the beginning of another.
        for a in encodings {
            for b in encodings where a != b {
                #expect(!b.starts(with: a))
            }
        }
    }

    @Test func `every column of a scope's row is in its code`() {
        let binding = ScopeBinding(
            storeID: [UInt8](repeating: 1, count: 16), scopeID: [UInt8](repeating: 2, count: 16),
            name: "default", keySetting: "ab", rewrapMode: 0, pollSeconds: 60,
            keepsVersions: false, removedSeconds: 7, dataKeyScheme: 1, identity: "a", scheme: 1,
            keyIdentifier: "c", wrappedKey: [7, 8],
            commitment: [UInt8](repeating: 9, count: 32), createdMilliseconds: 5)
        let changes: [(inout ScopeBinding) -> Void] = [
            { _ in }, { $0.storeID[0] ^= 1 }, { $0.scopeID[0] ^= 1 }, { $0.name = "defaul" },
            { $0.rewrapMode = 1 }, { $0.pollSeconds = 61 }, { $0.keepsVersions = true },
            { $0.removedSeconds = 8 }, { $0.dataKeyScheme = 2 }, { $0.identity = "b" },
            { $0.identity = "" },
            {
                $0.keySetting = "a"; $0.keyIdentifier = "bc"
            }, { $0.scheme = 2 },
            { $0.keyIdentifier = "d" }, { $0.wrappedKey = [7] }, { $0.wrappedKey = [7, 9] },
            { $0.commitment[31] ^= 1 }, { $0.createdMilliseconds = 6 },
            { $0.createdMilliseconds = -5 },
        ]
        let encodings = changes.map { change in
            var changed = binding
            change(&changed)
            return changed.encoded()
        }
        #expect(Set(encodings).count == changes.count)
    }

    @Test func `every column of a directory's row is bound`() {
        let binding = DirectoryBinding(
            storeID: [UInt8](repeating: 1, count: 16), scopeID: [UInt8](repeating: 2, count: 16),
            tag: [UInt8](repeating: 3, count: 16), parent: [UInt8](repeating: 4, count: 16),
            revision: [UInt8](repeating: 5, count: 32))
        let changes: [(inout DirectoryBinding) -> Void] = [
            { _ in }, { $0.storeID[0] ^= 1 }, { $0.scopeID[0] ^= 1 }, { $0.tag[15] ^= 1 },
            { $0.parent[0] ^= 1 }, { $0.revision[31] ^= 1 }, { swap(&$0.tag, &$0.parent) },
        ]
        let encodings = changes.map { change in
            var changed = binding
            change(&changed)
            return changed.encoded()
        }
        #expect(Set(encodings).count == changes.count)
    }

    @Test func `the key infos of two purposes, or of two settings, differ`() throws {
        let sizes = try (12...24).map { try #require(ChunkSize(exponent: $0)) }
        var infos: Set<[UInt8]> = [KeyInfo.scope]
        for size in sizes {
            infos.insert(KeyInfo.object(chunkSize: size, codec: .raw))
            infos.insert(KeyInfo.object(chunkSize: size, codec: .lz4))
        }
        #expect(infos.count == 27)
        #expect(KeyInfo.objectTag(name: [97]) != KeyInfo.directoryTag(path: [97]))
    }
}
