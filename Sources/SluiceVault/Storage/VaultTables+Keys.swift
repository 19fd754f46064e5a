internal import SluiceAccess
internal import SluiceNative

extension VaultTables {
    // MARK: Finding

    /// One version of a key, deleted or not.
    func version(_ version: String, of name: String) throws(DatabaseError) -> KeyVersionRow? {
        let select = try connection.prepare(
            Self.selectVersions + "WHERE k.name = ? AND v.version = ?")
        try select.bind(1, name)
        try select.bind(2, version)
        return try rows(select).first
    }

    /// The version that an identifier means: without a version, the newest enabled one, a disabled one
    /// only if all are, a deleted one only if all are.
    func version(_ key: KeyIdentifier) throws(DatabaseError) -> KeyVersionRow? {
        if let version = key.version { return try self.version(version, of: key.name) }
        return try newest(of: key.name, by: "v.deleted IS NOT NULL, v.enabled = 0, v.id DESC")
    }

    /// The newest version of a key, enabled or not; a deleted one only if all are.
    func latestVersion(of name: String) throws(DatabaseError) -> KeyVersionRow? {
        try newest(of: name, by: "v.deleted IS NOT NULL, v.id DESC")
    }

    private func newest(
        of name: String, by order: String
    ) throws(DatabaseError) -> KeyVersionRow? {
        let select = try connection.prepare(
            Self.selectVersions + "WHERE k.name = ? ORDER BY \(order) LIMIT 1")
        try select.bind(1, name)
        return try rows(select).first
    }

    /// All versions of a key that were not deleted by themselves, the newest first.
    func versions(of name: String) throws(DatabaseError) -> [KeyVersionRow] {
        let select = try connection.prepare(
            Self.selectVersions + "WHERE k.name = ? AND v.deleted IS NULL ORDER BY v.id DESC")
        try select.bind(1, name)
        return try rows(select)
    }

    /// The newest version of every key that is not deleted, in the order of their names.
    func newestVersions() throws(DatabaseError) -> [KeyVersionRow] {
        try rows(
            connection.prepare(
                Self.selectVersions + """
                    WHERE k.deleted IS NULL AND v.id IN
                        (SELECT max(id) FROM versions WHERE deleted IS NULL GROUP BY key)
                    ORDER BY k.name
                    """))
    }

    /// The newest version of every deleted key, and every version that was deleted by itself of the
    /// others, in the order of their names.
    func deletedVersions() throws(DatabaseError) -> [KeyVersionRow] {
        try rows(
            connection.prepare(
                Self.selectVersions + """
                    WHERE (k.deleted IS NULL AND v.deleted IS NOT NULL)
                        OR (k.deleted IS NOT NULL AND v.id = (
                            SELECT id FROM versions w WHERE w.key = k.id
                            ORDER BY w.deleted IS NOT NULL, w.id DESC LIMIT 1))
                    ORDER BY k.name, v.id DESC
                    """))
    }

    // MARK: Changing

    /// Adds a version, and the key if it is its first.
    func insert(_ row: KeyVersionRow) throws(DatabaseError) {
        let key = try connection.prepare(
            "INSERT INTO keys (name) VALUES (?) ON CONFLICT DO NOTHING")
        try key.bind(1, row.name)
        try key.run()
        let insert = try connection.prepare(
            """
            INSERT INTO versions (
                key, version, kind, public_key, operations, enabled, not_before, expires, created,
                updated, salt, sealed
            ) VALUES ((SELECT id FROM keys WHERE name = ?), ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """)
        try insert.bind(1, row.name)
        try insert.bind(2, row.version)
        try insert.bind(3, row.publicKey.kindName)
        try insert.bind(4, row.publicKey.bytes)
        try insert.bind(5, row.operations.text)
        try insert.bind(6, row.isEnabled ? 1 : 0)
        if let seconds = row.notBeforeSeconds { try insert.bind(7, seconds) }
        if let seconds = row.expiresSeconds { try insert.bind(8, seconds) }
        try insert.bind(9, row.createdSeconds)
        try insert.bind(10, row.updatedSeconds)
        switch row.privateKey {
        case .sealed(let sealed):
            try insert.bind(11, sealed.salt)
            try insert.bind(12, sealed.bytes)
        }
        try insert.runChangingOneRow()
        try self.insert(row.tags, ofVersion: connection.lastInsertedRowID)
    }

    /// Saves a version's attributes, operations and tags.
    func update(_ row: KeyVersionRow) throws(DatabaseError) {
        let update = try connection.prepare(
            """
            UPDATE versions SET operations = ?, enabled = ?, not_before = ?, expires = ?,
                updated = ?
            WHERE version = ? RETURNING id
            """)
        try update.bind(1, row.operations.text)
        try update.bind(2, row.isEnabled ? 1 : 0)
        if let seconds = row.notBeforeSeconds { try update.bind(3, seconds) }
        if let seconds = row.expiresSeconds { try update.bind(4, seconds) }
        try update.bind(5, row.updatedSeconds)
        try update.bind(6, row.version)
        let id = try update.step() ? update.int(0) : 0
        update.reset()
        try connection.requireOneChangedRow()
        let delete = try connection.prepare("DELETE FROM tags WHERE version = ?")
        try delete.bind(1, id)
        try delete.run()
        try insert(row.tags, ofVersion: id)
    }

    /// Notes that a version is being retired, or no more.
    func setRetiring(_ isRetiring: Bool, version: String) throws(DatabaseError) {
        let update = try connection.prepare("UPDATE versions SET retiring = ? WHERE version = ?")
        try update.bind(1, isRetiring ? 1 : 0)
        try update.bind(2, version)
        try update.runChangingOneRow()
    }

    /// Marks a key, or one version of it, as deleted or not.
    func setDeletion(_ deletion: Deletion?, of key: KeyIdentifier) throws(DatabaseError) {
        let update = try connection.prepare(
            key.version == nil
                ? "UPDATE keys SET deleted = ?, purge_at = ? WHERE name = ?"
                : "UPDATE versions SET deleted = ?, purge_at = ? WHERE version = ?")
        if let deletion {
            try update.bind(1, deletion.deletedSeconds)
            try update.bind(2, deletion.purgeSeconds)
        }
        try update.bind(3, key.version ?? key.name)
        try update.runChangingOneRow()
    }

    /// Removes a key, or one version of it, for good.
    func purge(_ key: KeyIdentifier) throws(DatabaseError) {
        let delete = try connection.prepare(
            key.version == nil
                ? "DELETE FROM keys WHERE name = ?" : "DELETE FROM versions WHERE version = ?")
        try delete.bind(1, key.version ?? key.name)
        try delete.runChangingOneRow()
        try purgeEmptyKeys()
    }

    /// Removes for good what was deleted and is due.
    func purgeWhatIsDue(atSeconds now: Int) throws(DatabaseError) {
        for table in ["keys", "versions"] {
            let delete = try connection.prepare("DELETE FROM \(table) WHERE purge_at <= ?")
            try delete.bind(1, now)
            try delete.run()
        }
        try purgeEmptyKeys()
    }

    private func purgeEmptyKeys() throws(DatabaseError) {
        try connection.prepare("DELETE FROM keys WHERE id NOT IN (SELECT key FROM versions)").run()
    }

    // MARK: Private

    private static let selectVersions = """
        SELECT v.id, k.name, v.version, v.kind, v.public_key, v.operations, v.enabled,
            v.not_before, v.expires, v.created, v.updated, v.salt, v.sealed, k.deleted, k.purge_at,
            v.deleted, v.purge_at, v.retiring
        FROM versions v JOIN keys k ON k.id = v.key

        """

    private func insert(
        _ tags: [String: String], ofVersion id: Int64
    ) throws(DatabaseError) {
        let insert = try connection.prepare("INSERT INTO tags VALUES (?, ?, ?)")
        for (name, value) in tags {
            try insert.bind(1, id)
            try insert.bind(2, name)
            try insert.bind(3, value)
            try insert.runChangingOneRow()
        }
    }

    private func rows(_ select: Statement) throws(DatabaseError) -> [KeyVersionRow] {
        let selectTags = try connection.prepare("SELECT name, value FROM tags WHERE version = ?")
        var rows: [KeyVersionRow] = []
        while try select.step() {
            var tags: [String: String] = [:]
            try selectTags.bind(1, select.int(0))
            while try selectTags.step() { tags[selectTags.text(0)] = selectTags.text(1) }
            selectTags.reset()
            rows.append(
                KeyVersionRow(
                    name: select.text(1), version: select.text(2),
                    publicKey: StoredPublicKey(
                        kindName: select.text(3), bytes: select.bytes(4)),
                    operations: [KeyOperation](text: select.text(5)),
                    isEnabled: select.int(6) != 0,
                    notBeforeSeconds: select.isNull(7) ? nil : Int(select.int(7)),
                    expiresSeconds: select.isNull(8) ? nil : Int(select.int(8)),
                    createdSeconds: Int(select.int(9)), updatedSeconds: Int(select.int(10)),
                    privateKey: .sealed(
                        SealedPrivateKey(salt: select.bytes(11), bytes: select.bytes(12))),
                    tags: tags, keyDeletion: deletion(select, 13),
                    versionDeletion: deletion(select, 15), isRetiring: select.int(17) != 0))
        }
        return rows
    }
}

extension VaultTables {
    /// The version that an identifier means for a change: without a version, the newest one, enabled or
    /// not. A refusal if it is deleted, or isn't there.
    func liveVersion(
        of key: KeyIdentifier, atSeconds now: Int
    ) throws(DatabaseError) -> Result<KeyVersionRow, VaultError> {
        let found = key.version == nil ? try latestVersion(of: key.name) : try version(key)
        guard let row = found, !row.isGone(atSeconds: now) else {
            return .failure(.keyNotFound(key))
        }
        return row.deletion == nil ? .success(row) : .failure(.deleted(key, row))
    }
}
