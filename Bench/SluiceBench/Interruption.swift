internal import ArgumentParser
internal import SluiceNative
internal import Synchronization

/// What Ctrl-C does: the block that is under way is finished, what has been measured is written; the
/// second time the process just ends. To be told to listen before the first thread. Thread-safe.
final class Interruption: Sendable {
    private let requested = Atomic(false)

    /// Begins to listen; to be called once.
    func listen() throws {
        try Signals.onTermination { [self] signal in
            let (isFirst, _) = requested.compareExchange(
                expected: false, desired: true, ordering: .relaxed)
            if !isFirst {
                SluiceBench.exit(withError: ExitCode(signal == .interrupt ? 130 : 143))
            }
        }
    }

    /// Whether to come to an end.
    var isRequested: Bool { requested.load(ordering: .relaxed) }

    /// Throws once it is.
    func check() throws {
        if isRequested { throw BenchError.interrupted }
    }
}
