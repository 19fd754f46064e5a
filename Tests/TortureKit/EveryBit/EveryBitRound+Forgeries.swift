internal import Sluice
internal import SluiceAccess
internal import SluiceNative
internal import SluiceVault
internal import TestSupport

/// Rows made with nothing but the public key.
extension EveryBitRound {
    /// Data keys and scope keys of the attacker's own, in rows that are consistent in themselves.
    mutating func forge() throws {
        let object = try home.object("dir/inline")
        let scope = try home.integer("SELECT id FROM scopes WHERE name = 'default'")
        let scopeRow = try home.catalog.row("scopes", scope)
        let keyRowID = try home.integer("SELECT key FROM scopes WHERE id = \(scope)")
        let identifier = try home.catalog.value("keys", "identifier", keyRowID)
        guard case .text(let text) = identifier, case .bytes(let scopeID) = scopeRow["scope_id"],
            case .bytes(let storeID) = try home.catalog.value("store", "store_id", 1)
        else { throw TortureFault("the catalog isn't what it should be") }
        let key = try KeyIdentifier(parsing: String(decoding: text, as: UTF8.self))
        for attempt in 0..<16 {
            // What a chance finds in the secret's length, too.
            let byteCount = [32, 32, 32, 31, 33, 16, 64, 0][attempt % 8]
            let secret = try home.library.randomBytes(byteCount: byteCount)
            try plantDataKey(object, wrap(secret, key))
            let forger = try Forger(
                home.library, scopeKey: secret, storeID: storeID,
                scopeID: attempt < 8 ? scopeID : home.library.randomBytes(byteCount: 16))
            let row = try forger.scopeRow(scopeRow, key: key, wrapped: wrap(secret, key))
            try plantScope(row, in: scope, "a scope key of \(byteCount) bytes")
            try plantObject(forger, row, in: scope, key, object)
        }
        try exchangeSecrets(object, scope)
        try home.catalog.put(scopeRow, "scopes", scope)
        home.distrustScopes()
    }

    /// Wraps as anybody can who has the public key.
    private func wrap(_ secret: [UInt8], _ key: KeyIdentifier) throws -> [UInt8] {
        try home.store.vaults.wrap(secret.span, under: key, as: .owner, deadline: .none).bytes
    }

    private mutating func plantDataKey(_ object: DamagedObject, _ wrapped: [UInt8]) throws {
        let rowID = try home.integer(
            "SELECT wrapped_key FROM objects WHERE id = \(object.rowID)")
        let row = try home.catalog.row("wrapped_keys", rowID)
        var image = row
        image["wrapped"] = .bytes(wrapped)
        try home.catalog.put(image, "wrapped_keys", rowID)
        home.store.forgetObjectKeys()
        judge("a planted data key", home.read(object, way), .refused)
        report.count("rows forged")
        try home.catalog.put(row, "wrapped_keys", rowID)
    }

    /// Puts a forged scope's row in the place of the true one: nothing in the scope can be read, put or
    /// listed.
    private mutating func plantScope(_ row: RowImage, in scope: Int, _ what: String) throws {
        let original = try home.catalog.row("scopes", scope)
        try home.catalog.put(row, "scopes", scope)
        home.distrustScopes()
        home.store.forgetObjectKeys()
        for name in ["raw", "dir/inline", "none"] {
            let object =
                name == "none"
                ? DamagedObject(scope: .default, name: try ObjectName(name), bytes: [])
                : try home.object(name)
            judge("\(what), read", home.read(object, way), .refused)
            report.count("rows forged")
        }
        do throws(StoreError) {
            _ = try home.store.list()
            fail(what, "a listing was given")
        } catch {
            judge("\(what), list", .refused(error), .refused)
        }
        do throws(StoreError) {
            _ = try home.store.put([1], as: "new")
            fail(what, "a put was taken")
        } catch {
            judge("\(what), put", .refused(error), .refused)
        }
        try home.catalog.put(original, "scopes", scope)
        home.distrustScopes()
    }

    /// A scope's row, a wrapped key and an object, all of the attacker's own: his bytes are not served,
    /// neither in the place of a scope nor beside it.
    private mutating func plantObject(
        _ forger: Forger, _ row: RowImage, in scope: Int, _ key: KeyIdentifier,
        _ object: DamagedObject
    ) throws {
        let name: ObjectName = "planted"
        let dataKey = try home.library.randomBytes(byteCount: 32)
        let planted = try forger.objectRow(
            home.catalog.row("objects", object.rowID), name: name, bytes: [6, 6, 6],
            dataKey: dataKey)
        let wrappedKey = try home.integer(
            "SELECT wrapped_key FROM objects WHERE id = \(object.rowID)")
        var wrapped = try home.catalog.row("wrapped_keys", wrappedKey)
        wrapped["wrapped"] = .bytes(try wrap(dataKey, key))
        let original = try home.catalog.row("scopes", scope)
        for isBeside in [false, true] {
            let scopeID = isBeside ? 4000 : scope
            var scopeRow = row
            var image = planted
            if isBeside {
                // A scope of its own, which needs an id and a name of its own.
                let own = try Forger(
                    home.library, scopeKey: forger.scopeKey, storeID: forger.storeID,
                    scopeID: home.library.randomBytes(byteCount: 16))
                scopeRow["name"] = .text(Array("planted".utf8))
                guard case .bytes(let bytes) = row["wrapped"] else { return }
                scopeRow = try own.scopeRow(scopeRow, key: key, wrapped: bytes)
                image = try own.objectRow(
                    planted, name: name, bytes: [6, 6, 6], dataKey: dataKey)
            }
            image["scope"] = .integer(Int64(scopeID))
            image["wrapped_key"] = .integer(4000)
            try home.catalog.put(scopeRow, "scopes", scopeID)
            try home.catalog.put(wrapped, "wrapped_keys", 4000)
            try home.catalog.put(image, "objects", 4000)
            home.distrustScopes()
            let target = DamagedObject(
                scope: isBeside ? "planted" : .default, name: name, bytes: [6, 6, 6])
            judge("a planted object and scope", home.read(target, way), .refused)
            report.count("rows forged")
            for table in ["objects", "wrapped_keys", "scopes"] {
                try home.catalog.execute("DELETE FROM \(table) WHERE id = 4000")
            }
            try home.catalog.put(original, "scopes", scope)
            home.distrustScopes()
        }
    }

    /// What is wrapped as a data key in the place of a scope key, and the other way.
    private mutating func exchangeSecrets(_ object: DamagedObject, _ scope: Int) throws {
        let rowID = try home.integer(
            "SELECT wrapped_key FROM objects WHERE id = \(object.rowID)")
        let dataKey = try home.catalog.value("wrapped_keys", "wrapped", rowID)
        var row = try home.catalog.row("scopes", scope)
        if case .bytes(let bytes) = row["wrapped"] { try plantDataKey(object, bytes) }
        row["wrapped"] = dataKey
        try plantScope(row, in: scope, "a data key as the scope's")
    }
}
