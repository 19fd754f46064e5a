internal import ArgumentParser
internal import SluiceNative
internal import Synchronization

/// What Ctrl-C, SIGTERM and SIGHUP do: the block that is under way is finished, what has been measured is written; the
/// second time the process just ends. To be told to listen before the first thread. Thread-safe.
final class Interruption: Sendable {
    private let requested = Atomic(false)
    private let atEnd = Mutex<[@Sendable () -> Void]>([])

    /// Begins to listen; to be called once.
    func listen() throws {
        try Signals.onTermination { [self] event in
            guard case .termination(let signal) = event else { return false }
            let (isFirst, _) = requested.compareExchange(
                expected: false, desired: true, ordering: .relaxed)
            if !isFirst {
                for clean in atEnd.withLock({ $0 }) { clean() }
                SluiceBench.exit(withError: ExitCode(signal.exitCode))
            }
            return false
        }
    }

    /// Adds what is to be done before the process just ends.
    func beforeEnd(_ clean: @escaping @Sendable () -> Void) {
        atEnd.withLock { $0.append(clean) }
    }

    /// Whether to come to an end.
    var isRequested: Bool { requested.load(ordering: .relaxed) }

    /// Throws once it is.
    func check() throws {
        if isRequested { throw BenchError.interrupted }
    }
}
