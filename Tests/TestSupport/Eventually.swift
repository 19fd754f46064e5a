import SluiceAccess
import SluiceNative
import SluiceVault

/// Waits for something that another thread or process does; gives whether it did within a minute,
/// for the machine may be doing much else.
public func eventually(_ condition: () throws -> Bool) rethrows -> Bool {
    let limit = Deadline.seconds(60)
    while try !condition() {
        if limit.hasPassed { return false }
        NativeThread.sleep(nanoseconds: 500_000)
    }
    return true
}
