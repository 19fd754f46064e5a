internal import ArgumentParser
internal import Sluice
internal import SluiceNative
internal import Synchronization

/// What Ctrl-C, a request to terminate and a terminal that has gone do to a command that writes: what is under
/// way is cancelled and cleans up behind itself, then the command exits.
///
/// To be made once, before the first thread of the process. Thread-safe.
final class Interruption: Sendable {
    private struct State {
        var exitCode: Int32?
        var deadlineNanoseconds = Int.max
        var cancellations: [@Sendable () -> Void] = []
    }

    private let state = Mutex(State())

    /// Begins to listen.
    init() throws(SystemError) {
        try Signals.onTermination { [self] event in
            switch event {
            case .termination(let signal): interrupt(exitCode: signal.exitCode)
            case .again: cancel()
            case .stop: ProgressLine.wipe()
            }
            return state.withLock { $0.exitCode != nil }
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
            Failure(code: "cancelled", reason: "interrupted", exitCode: $0, isQuiet: true)
        }
    }

    private func interrupt(exitCode: Int32) {
        let isFirst = state.withLock { state in
            let isFirst = state.exitCode == nil && !state.cancellations.isEmpty
            if isFirst {
                state.deadlineNanoseconds = MonotonicClock.nowNanoseconds + Self.graceNanoseconds
            }
            state.exitCode = exitCode
            return isFirst
        }
        guard isFirst else { exit() }
        cancel()
    }

    /// Repeats itself, for an operation that begins just now is to end, too. What doesn't end in time
    /// hangs in the system; the next open reclaims what it has staged.
    private func cancel() {
        let (deadline, cancellations) = state.withLock { state in
            (state.deadlineNanoseconds, state.cancellations)
        }
        guard MonotonicClock.nowNanoseconds < deadline else { exit() }
        for cancel in cancellations { cancel() }
    }

    private func exit() -> Never {
        ProgressLine.wipe()
        SluiceCommand.exit(withError: ExitCode(state.withLock { $0.exitCode ?? 130 }))
    }

    private static let graceNanoseconds = 10_000_000_000
}
