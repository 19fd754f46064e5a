import Sluice
import SluiceAccess
import SluiceFormat
import SluiceNative
import SluiceVault
import TestSupport
import Testing

@testable import SluiceEngine

/// What somebody learns who alters what is stored, and sees whether and how reading it fails.
@Suite struct LookAlikeTests {
    @Test func `a ciphertext valid under two keys opens under the one it was committed to alone`()
        throws
    {
        let home = try TestHome()
        let plain = patternedBytes(4096)
        let (rowID, wrappedRowID, sealed, wrapped) = try home.withStore { store throws in
            try store.put(plain, as: "o", options: .with())
            let object = try store.finder.find("o", in: .default)
            let first = try store.keyring.keys(of: object)
            let otherKey = try store.context.library.freshKey()
            let other = try ObjectKeys(
                dataKey: otherKey, scope: object.scope.keys, provided: nil,
                objectID: object.row.objectID,
                chunkSize: object.row.chunkSize, codec: object.row.codec,
                library: store.context.library)
            let nonce = ChunkNonce.chunk(index: 0, isFinal: true, isLZ4: false)
            let library = store.context.library
            let ciphers = [first, other].map { keys in
                { (plain: [UInt8], nonce: [12 of UInt8], data: [UInt8]) throws -> [UInt8] in
                    var cipher = try AES256GCM(library)
                    try keys.setChunkKey(&cipher)
                    return try [UInt8](filling: plain.count + 16) { output throws(CryptoError) in
                        try cipher.seal(
                            plain.span, nonce: nonce, authenticating: data.span, into: &output)
                    }
                }
            }
            let forged = try TwoKeyCiphertext(byteCount: 4096, nonce: nonce, ciphers)
            // It is what it says: both keys open it, to different bytes.
            var opened: [[UInt8]] = []
            for keys in [first, other] {
                var cipher = try AES256GCM(library)
                try keys.setChunkKey(&cipher)
                opened.append(
                    try [UInt8](filling: 4096) { output throws(CryptoError) in
                        try cipher.open(
                            forged.sealed.span, nonce: nonce, authenticating: Span(),
                            into: &output)
                    })
            }
            #expect(opened[0] != opened[1])
            let wrapped = try otherKey.withBytes { bytes throws(VaultError) in
                try store.vaults.wrap(
                    bytes, under: object.row.wrapped.key, as: .owner, deadline: .none)
            }
            return (object.row.rowID, object.row.wrappedKeyRowID, forged.sealed, wrapped.bytes)
        }
        let hex = String.init(hexadecimal:)
        try home.sql("UPDATE objects SET data = x'\(hex(sealed))' WHERE id = \(rowID)")
        try home.withStore { store throws in
            #expect(try store.get("o").count == 4096)
        }
        try home.sql(
            "UPDATE wrapped_keys SET wrapped = x'\(hex(wrapped))' WHERE id = \(wrappedRowID)")
        try home.withStore { store throws in
            #expect(failure { try store.get("o") } == .integrity)
        }
    }

    /// One object's error in each of the ways in which what is stored can fail to authenticate.
    private func failures(
        _ changes: [String: (TestHome, ObjectRow, Store) throws -> [String]]
    ) throws -> [String: StoreError?] {
        var errors: [String: StoreError?] = [:]
        for (what, change) in changes {
            let home = try TestHome()
            let statements = try home.withStore { store throws in
                try store.put(patternedBytes(5000), as: "o", options: .with())
                return try change(home, try store.finder.find("o", in: .default).row, store)
            }
            for statement in statements { try home.sql(statement) }
            errors[what] = try home.withStore { store throws in thrown { try store.get("o") } }
        }
        return errors
    }

    private func wrap(_ byteCount: Int, _ store: Store, _ key: KeyIdentifier) throws -> String {
        let bytes = [UInt8](repeating: 7, count: byteCount)
        return String(
            hexadecimal:
                try store.vaults.wrap(bytes.span, under: key, as: .owner, deadline: .none).bytes)
    }

    /// A document with other bytes in it, sealed as the store's own: only a later version, or a faulty
    /// writer, makes one.
    private func sealedDocument(
        _ store: Store, _ row: ObjectRow, _ change: (inout [UInt8]) -> Void
    ) throws -> String {
        let scope = try store.registry.scope(named: .default)
        var plain = ObjectDocument(
            name: Array("o".utf8), createdMilliseconds: 1, modifiedMilliseconds: 1,
            properties: [.contentType: [0x74]]
        ).encoded()
        change(&plain)
        let changed = plain
        let binding = row.binding(in: scope)
        return String(
            hexadecimal:
                try scope.withSession("sealing") { session throws(CryptoError) in
                    try session.sealDocument(changed, revision: row.revision, binding: binding)
                })
    }

    @Test func `padding, tags, commitments and versions fail alike`() throws {
        let errors = try failures([
            "padding": { _, row, _ in
                [
                    """
                    UPDATE wrapped_keys SET wrapped = zeroblob(255) || x'01' \
                    WHERE id = \(row.wrappedKeyRowID)
                    """
                ]
            },
            "length": { _, row, store in
                let wrapped = try wrap(31, store, row.wrapped.key)
                return ["UPDATE wrapped_keys SET wrapped = x'\(wrapped)'"]
            },
            "commitment": { _, row, store in
                let wrapped = try wrap(32, store, row.wrapped.key)
                return ["UPDATE wrapped_keys SET wrapped = x'\(wrapped)'"]
            },
            "a tag, at the beginning": { _, _, _ in
                ["UPDATE objects SET data = randomblob(16) || substr(data, 17)"]
            },
            "a tag, at the end": { _, _, _ in
                ["UPDATE objects SET data = substr(data, 1, length(data) - 16) || randomblob(16)"]
            },
            "a document's tag": { _, _, _ in
                ["UPDATE objects SET document = zeroblob(length(document))"]
            },
            "a document's place": { _, _, _ in
                ["UPDATE objects SET revision = zeroblob(32)"]
            },
            "a version": { _, row, store in
                let document = try sealedDocument(store, row) { $0[0] = 9 }
                return ["UPDATE objects SET document = x'\(document)'"]
            },
            "an encoding": { _, row, store in
                let document = try sealedDocument(store, row) { $0.append(0) }
                return ["UPDATE objects SET document = x'\(document)'"]
            },
            "a name": { _, row, store in
                let document = try sealedDocument(store, row) { $0[3] ^= 1 }
                return ["UPDATE objects SET document = x'\(document)'"]
            },
        ])
        #expect(errors.count == 10)
        for (what, error) in errors {
            #expect(error?.code == .integrity, "\(what): \(error as Any)")
        }
        let messages = Set(errors.values.map { $0?.message ?? "none" })
        #expect(messages.count == 1, "\(messages)")
    }

    @Test func `a scope key's padding, length and commitment fail alike`() throws {
        let errors = try failures([
            "padding": { _, _, _ in ["UPDATE scopes SET wrapped = zeroblob(255) || x'01'"] },
            "length": { _, row, store in
                ["UPDATE scopes SET wrapped = x'\(try wrap(31, store, row.wrapped.key))'"]
            },
            "commitment": { _, row, store in
                ["UPDATE scopes SET wrapped = x'\(try wrap(32, store, row.wrapped.key))'"]
            },
        ])
        #expect(Set(errors.values.map { $0?.code }) == [.wrongVault])
        #expect(Set(errors.values.map { $0?.message ?? "none" }).count == 1, "\(errors)")
    }
}
