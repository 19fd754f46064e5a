internal import Sluice
internal import SluiceAccess
internal import SluiceFormat
internal import SluiceNative
internal import SluiceVault

/// What an attacker makes who can write the store's disk and has the public key: rows that are all
/// consistent with each other, under a scope key of his own.
struct Forger {
    let library: CryptoLibrary
    let storeID: [UInt8]
    let scopeID: [UInt8]
    let scopeKey: [UInt8]
    /// What derives from the scope key: commitment, object root, document root, tag key, record key.
    private let derived: [UInt8]

    init(
        _ library: CryptoLibrary, scopeKey: [UInt8], storeID: [UInt8], scopeID: [UInt8]
    ) throws {
        self.library = library
        self.storeID = storeID
        self.scopeID = scopeID
        self.scopeKey = scopeKey
        derived = try library.derive(
            scopeKey, salt: KeyInfo.scopeSalt(storeID: storeID, scopeID: scopeID),
            info: KeyInfo.scope, byteCount: KeyInfo.scopeByteCount)
    }

    private var documentRoot: [UInt8] { Array(derived[64..<96]) }

    /// The scope's row with this key in it, wrapped as `wrapped`, and a code that fits.
    func scopeRow(_ row: RowImage, key: KeyIdentifier, wrapped: [UInt8]) throws -> RowImage {
        var row = row
        row["scope_id"] = .bytes(scopeID)
        row["wrapped"] = .bytes(wrapped)
        row["commitment"] = .bytes(Array(derived[..<32]))
        func text(_ column: String) -> String {
            if case .text(let bytes) = row[column] {
                String(decoding: bytes, as: UTF8.self)
            } else {
                ""
            }
        }
        func integer(_ column: String) -> Int {
            if case .integer(let value) = row[column] { Int(value) } else { 0 }
        }
        let message = ScopeBinding(
            storeID: storeID, scopeID: scopeID, name: text("name"),
            keySetting: text("key_setting"), rewrapMode: UInt8(integer("rewrap")),
            pollSeconds: UInt32(integer("poll")), keepsVersions: integer("versions") == 1,
            removedSeconds: UInt32(integer("retention")),
            dataKeyScheme: UInt8(integer("data_keys")), identity: text("identity"),
            scheme: UInt8(integer("scheme")),
            keyIdentifier: key.description, wrappedKey: wrapped,
            commitment: Array(derived[..<32]), createdMilliseconds: integer("created")
        ).encoded()
        row["code"] = .bytes(try library.code(Array(derived[128...]), message))
        return row
    }

    /// An object's row and its sealed bytes, all of them sealed by the forger.
    func objectRow(
        _ row: RowImage, name: ObjectName, bytes: [UInt8], dataKey: [UInt8]
    ) throws -> RowImage {
        guard let chunkSize = ChunkSize(exponent: 16) else { return row }
        let objectID = try library.randomBytes(byteCount: 16)
        let revision = try library.randomBytes(byteCount: 32)
        let keys = try library.derive(
            dataKey + derived[32..<64], salt: objectID,
            info: KeyInfo.object(chunkSize: chunkSize, codec: .raw),
            byteCount: KeyInfo.objectByteCount)
        let sealed = try library.seal(
            bytes, key: Array(keys[..<32]),
            nonce: ChunkNonce.chunk(index: 0, isFinal: true, isLZ4: false), data: [])
        let tagKey = Array(derived[96..<128])
        let tag = Array(try library.code(tagKey, KeyInfo.objectTag(name: name.utf8))[..<16])
        let root = Array(try library.code(tagKey, KeyInfo.directoryTag(path: []))[..<16])
        let binding = ObjectBinding(
            storeID: storeID, scopeID: scopeID, tag: tag, directory: root, objectID: objectID,
            entityTag: objectID, revision: revision, byteCount: bytes.count,
            storedByteCount: sealed.count, chunkSize: chunkSize, codec: .raw,
            commitment: Array(keys[64...]), tableDigest: nil, metadataTag: nil)
        let document = ObjectDocument(
            name: name.utf8, createdMilliseconds: 1, modifiedMilliseconds: 1, properties: [:])
        var image = row
        image["tag"] = .bytes(tag)
        image["directory"] = .bytes(root)
        image["object_id"] = .bytes(objectID)
        image["entity_tag"] = .bytes(objectID)
        image["metadata"] = .null
        image["revision"] = .bytes(revision)
        image["byte_count"] = .integer(Int64(bytes.count))
        image["stored_byte_count"] = .integer(Int64(sealed.count))
        image["chunk_exponent"] = .integer(16)
        image["codec"] = .integer(0)
        image["table_digest"] = .null
        image["commitment"] = .bytes(Array(keys[64...]))
        image["blob"] = .null
        image["data"] = .bytes(sealed)
        image["document"] = .bytes(
            try library.seal(
                document.encoded(),
                key: library.code(documentRoot, KeyInfo.document(revision: revision)),
                nonce: ChunkNonce.document, data: binding.encoded()))
        return image
    }
}

extension CryptoLibrary {
    /// HKDF-SHA-256.
    func derive(
        _ secret: [UInt8], salt: [UInt8], info: [UInt8], byteCount: Int
    ) throws(CryptoError) -> [UInt8] {
        try [UInt8](filling: byteCount) { output throws(CryptoError) in
            try hkdfSHA256(
                secret: secret.span, salt: salt.span, info: info.span, into: &output)
        }
    }

    /// HMAC-SHA-256.
    func code(_ key: [UInt8], _ message: [UInt8]) throws(CryptoError) -> [UInt8] {
        var context = try HMACSHA256(key: key.span, library: self)
        let code = try context.authenticate(message.span)
        return [UInt8](copying: code.span)
    }

    /// AES-256-GCM.
    func seal(
        _ plain: [UInt8], key: [UInt8], nonce: [12 of UInt8], data: [UInt8]
    ) throws(CryptoError) -> [UInt8] {
        var cipher = try AES256GCM(self)
        try cipher.setKey(key.span)
        return try [UInt8](filling: plain.count + 16) { output throws(CryptoError) in
            try cipher.seal(
                plain.span, nonce: nonce, authenticating: data.span, into: &output)
        }
    }
}
