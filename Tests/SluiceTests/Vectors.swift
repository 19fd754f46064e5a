internal import Foundation
internal import Sluice
import SluiceAccess
internal import SluiceFormat
internal import SluiceNative
internal import TestSupport

@testable internal import SluiceEngine
@testable internal import SluiceVault

/// A home as `Data/vectors/example` is one, with what is in it: `expected.json`.
///
/// The scope's key was rotated when half of the objects were there; small objects share data keys;
/// one pin shares its object's blob, another holds bytes that were overwritten; of two snapshots one was removed. One object is leased and retained, one is sealed for another scope, one with a provided key;
/// two data keys are sealed under an intermediate key.
struct Vectors: Codable {
    struct Key: Codable {
        let identifier: String
        /// The private key, in PEM.
        let file: String
    }

    struct Object: Codable {
        let name: String
        let byteCount: Int
        let sha256: String
        let key: String
    }

    struct Pin: Codable {
        let id: String
        let object: Object
    }

    let scope: String
    /// The two versions of the scope's key, and the platform's.
    let keys: [Key]
    let objects: [Object]
    let pins: [Pin]

    /// The key that is provided for the object that needs one.
    static let providedKey = [UInt8](0..<32)

    static let keyFiles = ["key-1.pem", "key-2.pem", "platform.pem"]

    /// The vectors in the checkout, copied to where a store can be opened.
    init(copiedTo home: String) throws {
        try FileManager.default.copyItem(
            atPath: "\(Checkout.path)/Data/vectors/example", toPath: home)
        // git keeps no modes, and a root key that others can read is refused, and vaults that they can write.
        let vaults = "\(home)/vaults"
        FileChange.setMode(0o700, of: vaults)
        for path in try FileManager.default.subpathsOfDirectory(atPath: vaults) {
            FileChange.setMode(0o700, of: "\(vaults)/\(path)")
        }
        self = try JSONDecoder().decode(
            Vectors.self, from: Data(contentsOf: URL(fileURLWithPath: "\(home)/expected.json")))
    }

    /// Makes a home of the same kind, under the same private keys.
    init(madeAt home: String) throws {
        let scope: ScopeName = "vectors"
        try FileManager.default.createDirectory(
            atPath: home, withIntermediateDirectories: true)
        for file in Self.keyFiles {
            try Data(Checkout.read("Data/vectors/example/\(file)"))
                .write(to: URL(fileURLWithPath: "\(home)/\(file)"))
        }
        let location = StoreLocation(home: home)
        var store = try Store.open(location)
        try store.vaults.importPlatformKey(Checkout.read("Data/vectors/example/platform.pem"))
        _ = try store.vaults.acting(as: .owner).createVault(name: scope.description)
        _ = try store.vaults.acting(as: .owner).setAccessPolicy(
            vault: scope.description, for: store.identity,
            permissions: [.get, .wrapKey, .unwrapKey])
        let old = try Self.importKey("key-1.pem", into: store)
        try store.createScope(scope, key: old.versionless)
        let pins = try Self.putUnderOldKey(store, scope)
        let new = try Self.importKey("key-2.pem", into: store)
        try store.close()
        // A store that is opened takes the newer version up.
        store = try Store.open(location)
        try Self.putUnderNewKey(store, scope)
        let platform = try store.pinsKey()
        self.scope = scope.description
        keys = zip([old, new, platform], Self.keyFiles).map {
            Key(identifier: $0.description, file: $1)
        }
        var objects: [Object] = []
        for entry in try store.list(in: scope).entries {
            let info = try store.info(entry.name, in: scope)
            objects.append(
                try Object(
                    info, store.get(entry.name, in: scope, if: Self.condition(of: info))))
        }
        self.objects = objects
        self.pins = try pins.map { pin in
            Pin(id: pin.id.description, object: try Object(pin.object, store.get(pinned: pin.id)))
        }
        try store.close()
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        try (encoder.encode(self) + Data("\n".utf8))
            .write(to: URL(fileURLWithPath: "\(home)/expected.json"))
    }

    private static func importKey(
        _ file: String, into store: Store
    ) throws -> KeyIdentifier {
        let pem = try Checkout.read("Data/vectors/example/\(file)")
        return try store.vaults.acting(as: .owner).importKey(
            vault: "vectors", name: "example", pem: pem.span
        ).key.kid
    }

    private static func putUnderOldKey(_ store: Store, _ scope: ScopeName) throws -> [PinInfo] {
        var hello = PutOptions()
        hello.properties = ObjectProperties(
            contentType: "text/plain", contentMD5: [UInt8](0..<16), tier: .cool,
            tags: ["project": "vectors"])
        hello.metadata = ["author": "nobody", "lang": "en"]
        try store.put(Array("Hello, Sluice.\n".utf8), as: "hello.txt", in: scope, options: hello)
        try store.put([], as: "dir/empty", in: scope)
        try store.put(
            patternedBytes(70_000), as: "dir/sub/random.bin", in: scope, options: .with(.none))
        // Two of its chunks are stored as they are.
        let text = textBytes(130_000) + patternedBytes(40_000) + textBytes(130_000)
        try store.put(
            text, as: "dir/mots/é.txt", in: scope, options: .with(chunkByteCount: 16_384, .lz4))
        try store.put(Array("Pinned, then replaced.\n".utf8), as: "page.bin", in: scope)
        return try ["dir/sub/random.bin", "page.bin"].map { try store.pin($0, in: scope) }
    }

    private static func putUnderNewKey(_ store: Store, _ scope: ScopeName) throws {
        try store.put(patternedBytes(4096, seed: 3), as: "page.bin", in: scope)
        try store.put(
            textBytes(20_000), as: "small-lz4", in: scope,
            options: .with(chunkByteCount: 262_144, .lz4))
        try store.put(Array("Shares its data key.\n".utf8), as: "shared.txt", in: scope)
        let upload = try store.beginUpload(
            "film", in: scope, options: .with(chunkByteCount: 16_384, .auto))
        try upload.put(patternedBytes(40_000, seed: 5), id: "0001")
        try upload.put(textBytes(70_000), id: "0002")
        try upload.commit(["0002", "0001", "0002"])
        // Between the two are zeros.
        try store.write([1, 2, 3], to: "film", at: 250_000, in: scope)
        try upload.put(textBytes(5000), id: "0003")
        var options = RewrapOptions()
        options.prefix = "dir/sub/"
        try store.rewrap(options, in: scope)
        try store.snapshot("shared.txt", in: scope)
        try store.leases.acquire("small-lz4", in: scope)
        try store.leases.setHold(
            ObjectHold(untilMilliseconds: 1 << 41, isLocked: true), on: "small-lz4", in: scope)
        try store.updateScope(
            scope, retention: RetentionPolicy(keepsRemovedFor: .seconds(Int64(UInt32.max))))
        try store.remove(store.snapshot("page.bin", in: scope).name, in: scope)
        try store.createScope(
            "encryption", key: KeyIdentifier(vault: scope.description, name: "example"))
        var elsewhere = PutOptions(encryptionScope: "encryption")
        elsewhere.metadata = ["sealed": "elsewhere"]
        try store.put(Array("Named here.\n".utf8), as: "elsewhere", in: scope, options: elsewhere)
        try store.beginUpload("film", in: scope, options: elsewhere).put([1], id: "0004")
        try store.updateScope(scope, wrapping: .intermediate)
        try store.put(
            Array("Its data key is sealed.\n".utf8), as: "intermediate.txt", in: scope)
        var provided = PutOptions.with(.none)
        provided.providedKey = try ProvidedKey(providedKey)
        try store.put(
            patternedBytes(70_000, seed: 9), as: "intermediate.bin", in: scope, options: provided)
    }
}

extension Vectors.Object {
    fileprivate init(_ info: ObjectInfo, _ bytes: [UInt8]) throws {
        name = info.name.description
        byteCount = bytes.count
        sha256 = try Vectors.sha256(bytes)
        key = info.keyIdentifier.description
    }
}

extension Vectors {
    /// What it takes to read an object of theirs.
    static func condition(of info: ObjectInfo) throws -> Condition {
        info.providedKeyDigest == nil ? .always : .sealed(with: try ProvidedKey(providedKey))
    }

    static func sha256(_ bytes: [UInt8]) throws -> String {
        let digest = try CryptoLibrary.load(requireFIPS: false).sha256(bytes.span)
        return String(hexadecimal: [UInt8](copying: digest.span))
    }
}

extension Store {
    /// The key version that pins are sealed under.
    fileprivate func pinsKey() throws -> KeyIdentifier {
        try context.catalog.scopes().filter { $0.name == .pins }.map(\.currentKey)[0]
    }
}

extension VaultDirectory {
    /// Puts a private key, in PEM, in the place of the platform's, which else never leaves its vault.
    fileprivate func importPlatformKey(_ pem: [UInt8]) throws {
        let key = try KeyIdentifier(vault: ReservedVault.name, name: ReservedVault.name)
        try reserved.make()
        let made = try maker.import(pem: pem.span, as: key, [:], KeySettings())
        try openVaults.write(key.vault) { tables, _ throws(DatabaseError) in
            try tables.insert(made.row)
            return .success(())
        }
    }
}
