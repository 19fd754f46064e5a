internal import SluiceNative
internal import Synchronization

/// A line on the terminal that tells which cell is being measured and how long it may still take.
///
/// Thread-safe. The time left supposes that the steps to come, a cell each, take as long as those
/// before did on average: at first it is rough.
final class ProgressLine: Sendable {
    private struct State {
        var name = ""
        var finishedCount = 0
        var stepCount: Int
    }

    private let startNanoseconds = MonotonicClock.nowNanoseconds
    private let state: Mutex<State>

    /// A line for so many steps; nil if nobody would see it.
    init?(stepCount: Int) {
        guard stepCount > 0, File.standardError.isTerminal else { return nil }
        state = Mutex(State(stepCount: stepCount))
    }

    /// Makes room for steps that turned out to be needed.
    func add(stepCount: Int) {
        state.withLock { $0.stepCount += stepCount }
    }

    /// Names the cell that is measured from now on.
    func begin(_ name: String) {
        state.withLock { $0.name = name }
        update(0)
    }

    /// Draws how much of the cell is done, in 0...1.
    func update(_ fraction: Double) {
        let state = state.withLock { $0 }
        let done = (Double(state.finishedCount) + fraction) / Double(state.stepCount)
        var line = "\(state.finishedCount + 1) of \(state.stepCount)  \(state.name)"
        line += "  \(Int(fraction * 100))%"
        if done > 0 {
            let elapsed = Double(MonotonicClock.nowNanoseconds - startNanoseconds) / 1e9
            line += "  about \(Self.duration(seconds: elapsed / done - elapsed)) left"
        }
        let width = (Terminal.width(of: .standardError) ?? 80) - 1
        Self.write("\r\(line.prefix(max(0, width)))\u{1B}[K")
    }

    /// Counts the step as done.
    func endStep() {
        state.withLock { $0.finishedCount += 1 }
    }

    /// Wipes the line.
    func finish() {
        Self.write("\r\u{1B}[K")
    }

    private static func duration(seconds: Double) -> String {
        let seconds = Int(seconds.rounded(.up))
        return seconds < 90 ? "\(seconds) s" : "\((seconds + 59) / 60) min"
    }

    private static func write(_ text: String) {
        // Progress that can't be shown is no reason to fail.
        try? File.standardError.write(Array(text.utf8).span)
    }
}
