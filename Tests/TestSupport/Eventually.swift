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

/// Waits likewise, and holds no thread of the tasks meanwhile: what is waited for may be a task's, and two tests that
/// wait on the threads of two processors would leave it none.
public func eventuallyInTask(
    _ condition: () throws -> Bool
) async throws -> Bool {
    let limit = Deadline.seconds(60)
    while try !condition() {
        if limit.hasPassed { return false }
        try await Task.sleep(for: .milliseconds(1))
    }
    return true
}
