internal import SluiceAccess
internal import SluiceNative

extension VaultTables {
    /// The rotation policy of a key; nil if it has none of its own.
    func rotationPolicy(of name: String) throws(DatabaseError) -> RotationPolicy? {
        let select = try connection.prepare(
            """
            SELECT p.created, p.updated, expiry, rotate_after_create, rotate_before_expiry,
                notify_after_create, notify_before_expiry
            FROM rotation_policies p JOIN keys k ON k.id = p.key WHERE k.name = ?
            """)
        try select.bind(1, name)
        guard try select.step() else { return nil }
        func duration(_ column: Int32) -> CalendarDuration? {
            select.isNull(column) ? nil : try? CalendarDuration(parsing: select.text(column))
        }
        return RotationPolicy(
            rotate: RotationPolicy.Trigger(
                timeAfterCreate: duration(3), timeBeforeExpiry: duration(4)),
            notify: RotationPolicy.Trigger(
                timeAfterCreate: duration(5), timeBeforeExpiry: duration(6)),
            RotationPolicy.Attributes(
                expiryTime: duration(2), created: Int(select.int(0)), updated: Int(select.int(1))))
    }

    /// Gives a key a rotation policy, or another one.
    func set(
        _ policy: RotationPolicy, ofKey name: String, atSeconds now: Int
    ) throws(DatabaseError) {
        let insert = try connection.prepare(
            """
            INSERT INTO rotation_policies
            VALUES ((SELECT id FROM keys WHERE name = ?), ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT DO UPDATE SET updated = excluded.updated, expiry = excluded.expiry,
                rotate_after_create = excluded.rotate_after_create,
                rotate_before_expiry = excluded.rotate_before_expiry,
                notify_after_create = excluded.notify_after_create,
                notify_before_expiry = excluded.notify_before_expiry
            """)
        try insert.bind(1, name)
        try insert.bind(2, now)
        try insert.bind(3, now)
        let (rotate, notify) = (policy.trigger(of: .rotate), policy.trigger(of: .notify))
        let durations = [
            policy.attributes.expiryTime, rotate?.timeAfterCreate, rotate?.timeBeforeExpiry,
            notify?.timeAfterCreate, notify?.timeBeforeExpiry,
        ]
        for (index, duration) in durations.enumerated() {
            if let duration { try insert.bind(Int32(4 + index), duration.description) }
        }
        try insert.runChangingOneRow()
    }

    /// Whether it has been noted already that a version is about to expire. What was noted at a time that
    /// is yet to come was noted by a clock that ran ahead, and doesn't count.
    func isNotified(version: String, atSeconds now: Int) throws(DatabaseError) -> Bool {
        let select = try connection.prepare("SELECT notified FROM versions WHERE version = ?")
        try select.bind(1, version)
        return try select.step() && !select.isNull(0) && select.int(0) <= now
    }

    /// Notes that it has been noted.
    func setNotified(version: String, atSeconds now: Int) throws(DatabaseError) {
        let update = try connection.prepare("UPDATE versions SET notified = ? WHERE version = ?")
        try update.bind(1, now)
        try update.bind(2, version)
        try update.runChangingOneRow()
    }
}
