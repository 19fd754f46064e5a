internal import Dispatch
internal import Foundation
internal import Synchronization

/// Ends the process if it isn't stopped in time.
final class Watchdog: Sendable {
    private let isStopped = Atomic<Bool>(false)

    /// The exit code of a process that hung.
    static let exitCode: Int32 = 124

    init(seconds: Int) throws {
        DispatchQueue.global().asyncAfter(deadline: .now() + .seconds(seconds)) { [weak self] in
            guard let self, !isStopped.load(ordering: .acquiring) else { return }
            exit(Self.exitCode)
        }
    }

    /// Has the process killed, as by kill -9.
    static func killSelf(afterMicroseconds microseconds: Int) {
        DispatchQueue.global().asyncAfter(deadline: .now() + .microseconds(microseconds)) {
            _ = Foundation.kill(ProcessInfo.processInfo.processIdentifier, SIGKILL)
        }
    }

    func stop() {
        isStopped.store(true, ordering: .releasing)
    }
}
