internal import ArgumentParser
internal import Dispatch
internal import Sluice
internal import SluiceNative
internal import Synchronization

/// What Ctrl-C and a request to terminate do to a command that writes: what is under way is cancelled
/// and cleans up behind itself, then the command exits.
///
/// To be made once, before the first thread of the process. Thread-safe.
final class Interruption: Sendable {
    private struct State {
        var exitCode: Int32?
        var cancellations: [@Sendable () -> Void] = []
    }

    private let state = Mutex(State())

    /// Begins to listen.
    init() throws(SystemError) {
        try Signals.onTermination { [self] signal in
            interrupt(exitCode: signal == .interrupt ? 130 : 143)
        }
    }

    /// Adds what is to be done at a signal, again and again until the process ends. As long as there is
    /// none, and the second time, a signal just ends it.
    func onInterrupt(_ cancel: @escaping @Sendable () -> Void) {
        state.withLock { $0.cancellations.append(cancel) }
    }

    /// How the command ends if it was interrupted.
    var failure: Failure? {
        state.withLock(\.exitCode).map {
            Failure(code: "cancelled", message: "interrupted", exitCode: $0, isQuiet: true)
        }
    }

    private func interrupt(exitCode: Int32) {
        let isFirst = state.withLock { state in
            defer { state.exitCode = exitCode }
            return state.exitCode == nil && !state.cancellations.isEmpty
        }
        guard isFirst else { SluiceCommand.exit(withError: ExitCode(exitCode)) }
        cancel(deadline: .now() + Self.graceSeconds, exitCode: exitCode)
    }

    /// Repeats itself, for an operation that begins just now is to end, too. What doesn't end in time
    /// hangs in the system; the next open reclaims what it has staged.
    private func cancel(deadline: DispatchTime, exitCode: Int32) {
        guard .now() < deadline else { SluiceCommand.exit(withError: ExitCode(exitCode)) }
        for cancel in state.withLock(\.cancellations) { cancel() }
        DispatchQueue.global().asyncAfter(deadline: .now() + Self.intervalSeconds) { [self] in
            cancel(deadline: deadline, exitCode: exitCode)
        }
    }

    private static let intervalSeconds = 0.02
    private static let graceSeconds = 10.0
}
