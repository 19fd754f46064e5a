import Sluice
import SluiceAccess
import SluiceFormat
import SluiceNative
import SluiceVault
import TestSupport
import Testing

@testable import SluiceEngine

/// What an attacker does who can write to the catalog.
@Suite struct CatalogTamperTests {
    /// Each is one change of one column of every row that it can be made to.
    @Test(arguments: [
        "objects SET object_id = randomblob(16)", "objects SET revision = randomblob(32)",
        "objects SET entity_tag = randomblob(16)", "objects SET entity_tag = object_id",
        "objects SET entity_tag = x''", "objects SET metadata = NULL WHERE metadata NOTNULL",
        "objects SET metadata = randomblob(100)", "objects SET metadata = x''",
        "objects SET metadata = zeroblob(48)",
        // The seal's tag stays, which alone the row binds.
        """
        objects SET metadata = randomblob(32) || substr(metadata, 33) WHERE metadata NOTNULL
        """,
        """
        objects SET metadata = substr(metadata, 1, 32) || x'00' || substr(metadata, 34) \
        WHERE metadata NOTNULL
        """,
        """
        objects SET metadata = (SELECT metadata FROM objects WHERE metadata NOTNULL LIMIT 1) \
        WHERE metadata NOTNULL
        """,
        // Another's metadata, with the tag that the row binds.
        """
        objects SET metadata = (SELECT substr(p.metadata, 1, length(p.metadata) - 16) \
        FROM objects p WHERE p.metadata NOTNULL ORDER BY p.id DESC LIMIT 1) \
        || substr(metadata, length(metadata) - 15) WHERE metadata NOTNULL
        """,
        "objects SET byte_count = byte_count - 1", "objects SET byte_count = byte_count + 1",
        "objects SET byte_count = -1", "objects SET byte_count = 1 << 60",
        "objects SET byte_count = 'many'", "objects SET byte_count = 0",
        "objects SET stored_byte_count = stored_byte_count - 1",
        "objects SET stored_byte_count = stored_byte_count + 4112",
        "objects SET stored_byte_count = -1", "objects SET chunk_exponent = 13",
        "objects SET chunk_exponent = 99", "objects SET chunk_exponent = -1",
        "objects SET codec = 1 - codec", "objects SET codec = 7",
        "objects SET table_digest = randomblob(32)", "objects SET table_digest = zeroblob(70000)",
        "objects SET table_digest = NULL WHERE codec = 1", "objects SET table_digest = x''",
        "objects SET commitment = randomblob(32)", "objects SET commitment = x''",
        "objects SET wrapped_key = 99999", "objects SET wrapped_key = wrapped_key % 7 + 1",
        "objects SET blob = 99999", "objects SET document = randomblob(200)",
        "objects SET document = x''", "objects SET document = 'text'",
        "objects SET document = zeroblob(15)", "wrapped_keys SET scheme = 2",
        "wrapped_keys SET scheme = 257", "wrapped_keys SET key = 99999",
        "wrapped_keys SET wrapped = randomblob(256)", "wrapped_keys SET wrapped = zeroblob(70000)",
        "wrapped_keys SET wrapped = x''", "wrapped_keys SET objects = objects + 1",
        "wrapped_keys SET bytes = bytes - 1", "wrapped_keys SET scope = scope + 1",
        "blobs SET refs = refs + 1", "blobs SET file = randomblob(16)",
        // What is joined without lengths.
        """
        objects SET directory = directory || substr(object_id, 1, 1), \
        object_id = substr(object_id, 2)
        """,
        "objects SET encryption = 99", "objects SET encryption = 'text'",
        "objects SET blob = NULL", "objects SET blob = id WHERE blob IS NULL",
        "objects SET data = randomblob(length(data)) WHERE data IS NOT NULL",
        "objects SET data = substr(data, 2) WHERE data IS NOT NULL",
        "objects SET data = data || x'00' WHERE data IS NOT NULL",
        "objects SET data = x'' WHERE data IS NOT NULL",
        "objects SET data = NULL WHERE data IS NOT NULL", "objects SET data = zeroblob(100)",
        "scopes SET scope_id = randomblob(16)", "scopes SET scope_id = x'00'",
        "scopes SET key_setting = key_setting || 'x'", "scopes SET key_setting = 'nonsense'",
        "scopes SET rewrap = 1 - rewrap", "scopes SET rewrap = 7", "scopes SET poll = poll + 1",
        "scopes SET poll = -1", "scopes SET poll = poll + (1 << 32)",
        "scopes SET rewrap = rewrap + 256", "scopes SET retention = retention + (1 << 32)",
        "scopes SET data_keys = 2", "scopes SET data_keys = 0", "scopes SET data_keys = 257",
        "scopes SET identity = 'somebody'", "scopes SET identity = x'00'",
        "scopes SET key = 99999", "scopes SET scheme = 2",
        "scopes SET scheme = 300",
        "scopes SET wrapped = randomblob(256)", "scopes SET wrapped = zeroblob(70000)",
        "scopes SET commitment = randomblob(32)", "scopes SET created = created + 1",
        "scopes SET code = randomblob(32)", "scopes SET code = x''",
        "keys SET identifier = 'nonsense'",
        "keys SET identifier = substr(identifier, 1, length(identifier) - 1) || 'g'",
        "store SET store_id = randomblob(16)", "store SET store_id = x'00'", "store SET id = NULL",
        "census SET objects = objects + 1", "census SET bytes = bytes - 1", "census SET key = 7",
        "directories SET revision = randomblob(32)", "directories SET document = randomblob(40)",
        "directories SET document = x''",
    ])
    func `an altered column is noticed`(change: String) throws {
        let tampered = try TamperedHome()
        // What the catalog itself refuses is no attack.
        guard (try? tampered.home.sql("UPDATE \(change)")) != nil else { return }
        try tampered.expectNoticed(change)
    }

    /// A store keeps what it has authenticated, and looks whether the row is still that: so it must come
    /// to the verdict of one that knows nothing.
    @Test(arguments: [
        "tag = randomblob(16)", "directory = randomblob(16)", "object_id = randomblob(16)",
        "revision = randomblob(32)", "byte_count = byte_count - 1",
        "entity_tag = randomblob(16)", "metadata = NULL", "metadata = randomblob(100)",
        "metadata = substr(metadata, 1, 40) || x'00' || substr(metadata, 42)",
        "stored_byte_count = stored_byte_count - 1", "chunk_exponent = 13", "codec = 1 - codec",
        "table_digest = randomblob(32)", "table_digest = x'' WHERE table_digest IS NULL",
        "table_digest = NULL", "commitment = randomblob(32)",
        "blob = NULL", "blob = blob + 1", "blob = id WHERE blob IS NULL",
        "document = randomblob(200)", "document = x''",
        "document = substr(document, 1, length(document) - 1) || x'00'",
        "data = randomblob(length(data)) WHERE data IS NOT NULL", "data = x'' WHERE data NOTNULL",
        "data = NULL WHERE data IS NOT NULL", "document = document",
    ])
    func `an altered column is noticed by who has read the row before`(change: String) throws {
        let tampered = try TamperedHome()
        let knowing = try tampered.home.open()
        defer { try? knowing.close() }
        for (scope, name, bytes) in TamperedHome.objects {
            #expect(try knowing.get(name, in: scope) == bytes)
        }
        guard (try? tampered.home.sql("UPDATE objects SET \(change)")) != nil else { return }
        let new = try tampered.home.open()
        defer { try? new.close() }
        for (scope, name, bytes) in TamperedHome.objects {
            var read: [UInt8]?
            let verdict = failure { read = try knowing.get(name, in: scope) }
            #expect(verdict == failure { try new.get(name, in: scope) }, "\(scope) \(name)")
            #expect(read ?? bytes == bytes, "\(scope) \(name): wrong bytes")
            #expect(
                failure { try knowing.info(name, in: scope) }
                    == failure { try new.info(name, in: scope) }, "\(scope) \(name)")
        }
    }

    @Test func `what is known of an object is forgotten with its name, its bytes and its key`()
        throws
    {
        let home = try TestHome()
        let (one, other) = (try home.open(), try home.open())
        try one.put([1], as: "a")
        try one.put([2], as: "b")
        for store in [one, other] { #expect(try store.get("a") == [1] && store.get("b") == [2]) }
        try other.rename("a", to: "c")
        #expect(failure { try one.get("a") } == .notFound)
        #expect(try one.get("c") == [1] && one.info("c").name == "c")
        try other.rename("b", to: "a")
        #expect(try one.get("a") == [2])
        try other.put([3], as: "a")
        #expect(try one.get("a") == [3])
        try other.remove("a")
        #expect(failure { try one.get("a") } == .notFound)
        try one.close()
        try other.close()
    }

    /// What takes a row from where it is looked for: then it may not be found, but that is noticed.
    @Test(arguments: [
        "UPDATE objects SET tag = randomblob(16)", "UPDATE objects SET directory = randomblob(16)",
        "UPDATE objects SET scope = 77", "UPDATE objects SET scope = 3 - scope WHERE rowid < 3",
        "DELETE FROM objects WHERE id = 1", "DELETE FROM wrapped_keys", "DELETE FROM blobs",
        "DELETE FROM directories", "UPDATE directories SET tag = randomblob(16)",
        "UPDATE directories SET parent = randomblob(16)", "UPDATE directories SET scope = 77",
        "DELETE FROM census", "UPDATE scopes SET name = 'x' || name",
        "DELETE FROM keys", "DELETE FROM store", "DROP TABLE objects", "DROP TABLE blobs",
        "ALTER TABLE objects RENAME COLUMN codec TO kodec",
        // The bytes of neighbouring columns, cut elsewhere: the concatenation stays the same.
        """
        UPDATE objects SET directory = directory || substr(object_id, 1, 1), \
        object_id = substr(object_id, 2)
        """,
        """
        UPDATE objects SET object_id = substr(directory, 16) || object_id, \
        directory = substr(directory, 1, 15)
        """,
        """
        UPDATE objects SET tag = tag || substr(directory, 1, 4), directory = substr(directory, 5)
        """,
    ])
    func `a moved or missing row is noticed`(statement: String) throws {
        let tampered = try TamperedHome()
        try tampered.home.sql(statement)
        try tampered.expectNoticed(mayHide: true, statement)
    }

    @Test(arguments: [
        ("raw", "twin"), ("small", "dir/sub/leaf"), ("small", "small text"), ("raw", "small"),
    ])
    func `rows that exchanged a column are refused, both`(a: String, b: String) throws {
        let columns = [
            "tag", "directory", "object_id", "revision", "byte_count", "stored_byte_count", "codec",
            "table_digest", "commitment", "wrapped_key", "blob", "document",
        ]
        for column in columns {
            let tampered = try TamperedHome()
            let (one, other) = try tampered.home.withStore { store throws in
                (
                    try store.finder.find(ObjectName(a), in: .default).row.rowID,
                    try store.finder.find(ObjectName(b), in: .default).row.rowID
                )
            }
            let home = tampered.home
            let isSame = try home.integer(
                """
                SELECT (SELECT \(column) FROM objects WHERE id = \(one)) IS \
                (SELECT \(column) FROM objects WHERE id = \(other))
                """)
            guard isSame == 0 else { continue }
            // The tag is unique, so it goes by way of a third value.
            try home.sql(
                "CREATE TABLE t AS SELECT id, \(column) AS v FROM objects WHERE id IN (\(one), \(other))",
                "UPDATE objects SET tag = randomblob(16) WHERE id = \(one) AND '\(column)' = 'tag'",
                "UPDATE objects SET \(column) = (SELECT v FROM t WHERE id = \(one)) WHERE id = \(other)",
                "UPDATE objects SET \(column) = (SELECT v FROM t WHERE id = \(other)) WHERE id = \(one)",
                "DROP TABLE t")
            try home.withStore { store throws in
                for name in [a, b] {
                    #expect(
                        failure { try store.get(ObjectName(name)) } == .integrity,
                        "\(column) of \(name)")
                }
                #expect(try store.verify().findings.count >= 2, "\(column)")
            }
        }
    }

    @Test func `a row under another name's tag, or in another scope, is refused`() throws {
        for isOtherScope in [false, true] {
            let tampered = try TamperedHome()
            let (row, tag) = try tampered.home.withStore { store throws in
                let row = try store.finder.find("small", in: .default).row
                let scope = try store.registry.scope(named: isOtherScope ? "other" : .default)
                let tag = try store.finder.tag(of: isOtherScope ? "small" : "new", in: scope)
                return (row, String(hexadecimal: tag))
            }
            let scope = isOtherScope ? "(SELECT id FROM scopes WHERE name = 'other')" : "scope"
            try tampered.home.sql(
                """
                INSERT INTO objects SELECT NULL, \(scope), encryption, x'\(tag)', directory, object_id, entity_tag, \
                revision, byte_count, stored_byte_count, chunk_exponent, codec, table_digest, \
                commitment, wrapped_key, blob, document, metadata, due, data FROM objects WHERE id = \(row.rowID)
                """)
            try tampered.home.withStore { store throws in
                if isOtherScope {
                    #expect(failure { try store.get("small", in: "other") } == .integrity)
                    #expect(failure { try store.info("small", in: "other") } == .integrity)
                } else {
                    #expect(failure { try store.get("new") } == .integrity)
                    #expect(failure { try store.rename("new", to: "x") } == .integrity)
                    #expect(failure { try store.list() } == .integrity)
                }
                #expect(try store.get("small") == TamperedHome.small)
                #expect(!(try store.verify().findings.isEmpty))
            }
        }
    }

    @Test func `an older version of a row is refused once its key is gone`() throws {
        let tampered = try TamperedHome()
        let row = try tampered.home.withStore { store throws in
            try store.finder.find("small", in: .default).row.rowID
        }
        try tampered.home.directory.write([], to: "kept.db")
        let kept = "ATTACH '\(tampered.home.directory.path("kept.db"))' AS kept"
        try tampered.home.sql(
            "\(kept); CREATE TABLE kept.old AS SELECT * FROM objects WHERE id = \(row)")
        try tampered.home.withStore { store throws in _ = try store.put([1], as: "small") }
        try tampered.home.sql(
            "\(kept); DELETE FROM objects WHERE id = \(row); INSERT INTO objects SELECT * FROM old")
        try tampered.expectNoticed("an older row")
    }

    @Test func `a verification names every damaged object, and looks at all others`() throws {
        let tampered = try TamperedHome()
        let found = try tampered.home.withStore { store throws in
            try ["raw", "small", "dir/sub/leaf"].map {
                try store.finder.find(ObjectName($0), in: .default).row
            }
        }
        let rows = found.map(\.rowID)
        try tampered.home.sql(
            "UPDATE objects SET codec = 9 WHERE id = \(rows[0])",
            "UPDATE objects SET document = x'00' WHERE id = \(rows[1])",
            "UPDATE objects SET wrapped_key = 9999 WHERE id = \(rows[2])")
        try tampered.home.withStore { store throws in
            let report = try store.verify()
            let subjects = report.findings.map(\.subject)
            // What isn't even a row has no id to be called by.
            for row in [rows[0], rows[2]] {
                #expect(subjects.contains("row \(row)"), "\(subjects)")
            }
            let id = String(hexadecimal: found[1].objectID)
            #expect(subjects.contains { $0.hasSuffix(id) }, "\(subjects)")
            #expect(report.objectCount == TamperedHome.objects.count)
            let healthy = TamperedHome.objects.filter {
                $0.0 == "other" || !["raw", "small", "dir/sub/leaf"].contains($0.1)
            }
            #expect(report.byteCount == healthy.reduce(0) { $0 + $1.2.count })
            let keyless = try store.verifyWithoutKeys().findings.map(\.subject)
            #expect(keyless.contains("row \(rows[0])"))
        }
    }

    @Test func `a verification goes on beside a scope whose row was altered`() throws {
        let tampered = try TamperedHome()
        try tampered.home.sql("UPDATE scopes SET code = randomblob(32) WHERE name = 'other'")
        try tampered.home.withStore { store throws in
            let report = try store.verify()
            #expect(report.findings.map(\.subject) == ["scope other"])
            #expect(report.objectCount == TamperedHome.objects.count - 1)
            #expect(failure { try store.get("raw", in: "other") } == .integrity)
            #expect(try store.get("raw") == TamperedHome.raw)
        }
    }

    @Test func `an overwrite of a row in the wrong directory repairs it`() throws {
        let tampered = try TamperedHome()
        try tampered.home.sql("UPDATE objects SET directory = randomblob(16)")
        try tampered.home.withStore { store throws in
            #expect(failure { try store.get("small") } == .integrity)
            try store.put([1, 2], as: "small")
            #expect(try store.get("small") == [1, 2])
        }
    }

    // MARK: Planted keys

    /// Wraps a scope key of the attacker's own under the scope's public key, and rewrites the scope's
    /// row so that it is consistent in itself.
    private func plantScopeKey(_ home: TestHome) throws {
        let store = try home.open()
        let record = try store.registry.scope(named: .default).record
        let storeID = store.context.catalog.store.storeID
        let library = store.context.library
        let scopeKey = try library.freshKey()
        let keys = try ScopeKeys(
            scopeKey: scopeKey, storeID: storeID, scopeID: record.scopeID, library: library)
        var planted = record
        planted.wrappedKey = try scopeKey.withBytes { bytes throws(VaultError) in
            try store.vaults.wrap(bytes, under: record.currentKey, as: .owner, deadline: .none)
                .bytes
        }
        planted.commitment = keys.commitment
        let message = planted.binding(storeID: storeID).encoded()
        let code = try keys.recordKey.withBytes { key throws(CryptoError) in
            var context = try HMACSHA256(key: key, library: library)
            let code = try context.authenticate(message.span)
            return [UInt8](copying: code.span)
        }
        try store.close()
        let hex = String.init(hexadecimal:)
        try home.sql(
            """
            UPDATE scopes SET wrapped = x'\(hex(planted.wrappedKey))', \
            commitment = x'\(hex(planted.commitment))', code = x'\(hex(code))' WHERE name = 'default'
            """)
    }

    @Test func `a planted scope key is refused by the vault's anchor`() throws {
        let tampered = try TamperedHome()
        try plantScopeKey(tampered.home)
        try tampered.home.withStore { store throws in
            #expect(failure { try store.put([1], as: "new") } == .wrongVault)
            #expect(failure { try store.get("raw") } == .wrongVault)
            #expect(failure { try store.list() } == .wrongVault)
        }
    }

    @Test func `a planted data key is refused`() throws {
        let tampered = try TamperedHome()
        let (row, wrapped) = try tampered.home.withStore { store throws in
            let row = try store.finder.find("small", in: .default).row
            let key = try store.context.library.freshKey()
            let wrapped = try key.withBytes { bytes throws(VaultError) in
                try store.vaults.wrap(bytes, under: row.wrapped.key, as: .owner, deadline: .none)
            }
            return (row, String(hexadecimal: wrapped.bytes))
        }
        try tampered.home.sql(
            "UPDATE wrapped_keys SET wrapped = x'\(wrapped)' WHERE id = \(row.wrappedKeyRowID)")
        try tampered.home.withStore { store throws in
            #expect(failure { try store.get("small") } == .integrity)
        }
    }

    @Test func `an object is read under no key but the one committed to`() throws {
        // As if the row's authentication had been got round: the commitment stands alone.
        let home = try TestHome()
        try home.withStore { store throws in
            try store.put(TamperedHome.small, as: "o")
            let object = try store.finder.find("o", in: .default)
            let key = try store.context.library.freshKey()
            let wrapped = try key.withBytes { bytes throws(VaultError) in
                try store.vaults.wrap(
                    bytes, under: object.row.wrapped.key, as: .owner, deadline: .none)
            }
            var row = object.row
            row.wrapped = wrapped
            let forged = OpenObject(scope: object.scope, row: row, document: object.document)
            store.forgetObjectKeys()
            #expect(failure { _ = try store.keyring.keys(of: forged) } == .integrity)
            #expect(failure { _ = try store.keyring.keys(of: object) } == nil)
        }
    }
}
