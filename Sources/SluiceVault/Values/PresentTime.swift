internal import SluiceAccess
internal import SluiceNative

/// The present time as the vaults' clock tells it, and how far that is believed.
///
/// What is due is hidden as soon as the clock says so, and comes back if the clock is put back. It goes for
/// good only when the clock is believed.
struct PresentTime: Sendable {
    /// Seconds since 1970, UTC.
    let seconds: Int
    /// The same moment on the clock that counts from the boot; nil if the machine doesn't tell.
    let moment: BootMoment?
    /// Whether the clock may have been set since.
    private let isSettable: Bool

    /// Asks a clock.
    ///
    /// - Throws: `unreasonableClock`.
    init(_ clock: any VaultClock) throws(VaultError) {
        seconds = clock.nowSeconds()
        guard ReasonableTime.seconds.contains(seconds) else {
            throw VaultError(
                .unreasonableClock,
                "the machine's clock shows \(CalendarDuration.text(ofSeconds: seconds)), outside the years 1 to 9999",
                remedies: [.machine(.setClock)])
        }
        let settable = clock as? any SettableClock
        isSettable = settable != nil
        moment = settable?.bootMoment()
    }

    /// Whether what is due may go for good, by a moment that was noted.
    func isBelieved(by noted: BootMoment?) -> Bool {
        guard isSettable else { return true }
        return moment?.isPlausible(since: noted) ?? false
    }

    /// The present time, or what it must be at least, in seconds since 1970: retention begins then.
    func notBefore(_ noted: BootMoment?) -> Int {
        guard let noted, let moment else { return seconds }
        return max(seconds, noted.earliest(at: moment))
    }
}
