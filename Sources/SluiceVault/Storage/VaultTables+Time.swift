internal import SluiceAccess
internal import SluiceNative

extension VaultTables {
    /// Removes for good what was deleted and is due, if the clock is believed, and notes the time for later.
    func settle(_ time: PresentTime) throws(DatabaseError) {
        guard let row = try vault() else { return }
        if time.isBelieved(by: row.noted) { try purgeWhatIsDue(atSeconds: time.seconds) }
        try note(time, in: row)
    }

    /// Notes the time, if that says more than what is noted.
    func note(_ time: PresentTime, in row: VaultRow) throws(DatabaseError) {
        if let moment = time.moment, moment.replaces(row.noted) { try setNoted(moment) }
    }
}
