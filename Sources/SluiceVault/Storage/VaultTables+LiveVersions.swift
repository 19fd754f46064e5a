internal import SluiceAccess
internal import SluiceNative

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
