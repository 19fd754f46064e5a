import SluiceFormat
import Testing

@Suite struct PinBindingTests {
    private let binding = PinBinding(
        storeID: [UInt8](repeating: 1, count: 16), scopeID: [UInt8](repeating: 2, count: 16),
        pinID: [UInt8](repeating: 3, count: 16), objectID: [UInt8](repeating: 4, count: 16),
        revision: [UInt8](repeating: 5, count: 32), byteCount: 6, storedByteCount: 7,
        chunkSize: .standard, codec: .raw, commitment: [UInt8](repeating: 8, count: 32),
        tableDigest: nil)

    @Test func `every column of a pin's row is bound`() {
        let changes: [(inout PinBinding) -> Void] = [
            { _ in }, { $0.storeID[15] ^= 1 }, { $0.scopeID[0] ^= 1 }, { $0.pinID[15] ^= 1 },
            { $0.objectID[0] ^= 1 }, { $0.revision[31] ^= 1 }, { $0.byteCount = 7 },
            { $0.storedByteCount = 6 }, { swap(&$0.byteCount, &$0.storedByteCount) },
            { swap(&$0.pinID, &$0.objectID) },
            { $0.chunkSize = ChunkSize(exponent: 12) ?? .standard }, { $0.codec = .lz4 },
            { $0.commitment[31] ^= 1 }, { $0.tableDigest = [UInt8](repeating: 0, count: 32) },
            { $0.tableDigest = [UInt8](repeating: 1, count: 32) },
        ]
        let encodings = changes.map { change in
            var changed = binding
            change(&changed)
            return changed.encoded()
        }
        #expect(Set(encodings).count == changes.count)
    }

    @Test func `a pin shares its encoding with no object`() {
        let object = ObjectBinding(
            storeID: binding.storeID, scopeID: binding.scopeID, tag: binding.pinID,
            directory: binding.objectID, objectID: binding.objectID, entityTag: binding.pinID,
            revision: binding.revision, byteCount: binding.byteCount,
            storedByteCount: binding.storedByteCount,
            chunkSize: binding.chunkSize, codec: binding.codec, commitment: binding.commitment,
            tableDigest: nil, metadataTag: nil
        ).encoded()
        let pin = binding.encoded()
        #expect(!pin.starts(with: object) && !object.starts(with: pin))
        #expect(pin.starts(with: [0, 16] + Array("sluice/2 pin row".utf8)))
    }

    @Test func `its keys and its document are sealed under different keys`() {
        let revision = binding.revision
        #expect(KeyInfo.pinKeys(revision: revision) != KeyInfo.document(revision: revision))
        #expect(KeyInfo.metadata(salt: revision) != KeyInfo.document(revision: revision))
        #expect(KeyInfo.metadata(salt: revision) != KeyInfo.pinKeys(revision: revision))
        var other = revision
        other[31] ^= 1
        #expect(KeyInfo.pinKeys(revision: revision) != KeyInfo.pinKeys(revision: other))
    }
}
