internal import SluiceNative
internal import Synchronization

/// What a vault reads the time of day from.
///
/// Everything that a vault does by time (validity, retention, rotation) follows it, so that a test can
/// live through 90 days.
public protocol VaultClock: Sendable {
    /// Milliseconds since 1970, UTC. Called from any thread.
    func nowMilliseconds() -> Int
}

extension VaultClock {
    /// Seconds since 1970, UTC, in which key attributes are given.
    package func nowSeconds() -> Int { nowMilliseconds() / 1000 }
}

/// A clock that can be set while others go on: before anything is removed for good because its time has come,
/// it is held against the one that counts from the boot. Any other clock is believed.
package protocol SettableClock: VaultClock {
    /// The present moment on both clocks; nil if the machine doesn't tell.
    func bootMoment() -> BootMoment?
}

/// The machine's clock.
public struct SystemClock: SettableClock {
    /// Makes a clock.
    public init() {}

    /// Milliseconds since 1970, UTC.
    public func nowMilliseconds() -> Int { WallClock.nowMilliseconds }

    package func bootMoment() -> BootMoment? {
        guard let boot = BootClock.bootID else { return nil }
        return BootMoment(
            wallSeconds: nowSeconds(), secondsSinceBoot: BootClock.nowSeconds, boot: boot)
    }
}

/// A clock that moves only when told to.
public final class ManualClock: VaultClock {
    private let milliseconds: Mutex<Int>

    /// Makes a clock that shows a time in milliseconds since 1970, by default 2026-01-01.
    public init(milliseconds: Int = 1_767_225_600_000) {
        self.milliseconds = Mutex(milliseconds)
    }

    /// Milliseconds since 1970, UTC.
    public func nowMilliseconds() -> Int { milliseconds.withLock { $0 } }

    /// Moves the clock forward; back, with a negative number.
    public func advance(bySeconds seconds: Int) {
        milliseconds.withLock { $0 += seconds * 1000 }
    }
}
