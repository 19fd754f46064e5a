internal import SluiceNative
internal import Synchronization

/// A line on the terminal that tells how far a long operation is: after the first second, and gone
/// when it ends.
///
/// Thread-safe; an update that draws nothing costs a look at the clock.
final class ProgressLine: Sendable {
    private struct State {
        var isDrawn = false
        var isFinished = false
    }

    private let label: String
    private let unit: ProgressUnit
    private let startNanoseconds: Int
    private let nextDrawNanoseconds: Atomic<Int>
    private let state = Mutex(State())

    /// A line for the operation that `label` names; nil if nobody would see it.
    init?(_ label: String, unit: ProgressUnit = .bytes, isJSON: Bool) {
        guard !isJSON, File.standardError.isTerminal else { return nil }
        self.unit = unit
        self.label = PrintableText.escaped(label)
        startNanoseconds = MonotonicClock.nowNanoseconds
        nextDrawNanoseconds = Atomic(startNanoseconds + Self.delayNanoseconds)
    }

    /// Draws the figures if it is time to.
    func update(_ done: Int, _ total: Int?) {
        let now = MonotonicClock.nowNanoseconds
        let due = nextDrawNanoseconds.load(ordering: .relaxed)
        guard now >= due else { return }
        let (isMine, _) = nextDrawNanoseconds.compareExchange(
            expected: due, desired: now + Self.intervalNanoseconds, ordering: .relaxed)
        guard isMine else { return }
        let figures = ProgressFigures(
            done: done, total: total, unit: unit, elapsedNanoseconds: now - startNanoseconds)
        let width = Terminal.width(of: .standardError) ?? 80
        let line = figures.line(label: label, width: width - 1)
        state.withLock { state in
            guard !state.isFinished else { return }
            state.isDrawn = true
            Self.isAnyDrawn.store(true, ordering: .relaxed)
            Self.write("\r\(line)\u{1B}[K")
        }
    }

    /// Wipes the line; nothing is drawn after.
    func finish() {
        state.withLock { state in
            state.isFinished = true
            if state.isDrawn { Self.wipe() }
        }
    }

    /// Wipes whichever line there is, until it is drawn again: the process ends or is stopped, and the shell writes
    /// its own.
    static func wipe() {
        if isAnyDrawn.exchange(false, ordering: .relaxed) { write("\r\u{1B}[K") }
    }

    private static let isAnyDrawn = Atomic(false)
    private static let delayNanoseconds = 1_000_000_000
    private static let intervalNanoseconds = 100_000_000

    private static func write(_ text: String) {
        // Progress that can't be shown is no reason to fail.
        try? File.standardError.write(Array(text.utf8).span)
    }
}

/// What progress is counted in.
enum ProgressUnit {
    case bytes
    case objects
}

/// How far an operation is.
struct ProgressFigures {
    let done: Int
    let total: Int?
    let unit: ProgressUnit
    let elapsedNanoseconds: Int

    /// The label and the figures in at most `width` columns; the label yields.
    func line(label: String, width: Int) -> String {
        let figures = parts.joined(separator: "  ")
        let room = width - figures.count - 2
        guard room >= 4 else { return String(figures.prefix(max(0, width))) }
        let shown = label.count <= room ? label : "\(label.prefix(room - 1))…"
        return "\(shown)  \(figures)"
    }

    private var parts: [String] {
        let rate = Double(done) / Double(max(1, elapsedNanoseconds)) * 1e9
        // Counts that were altered may add up to any number.
        let rateText = "\(text(Int(min(rate, 1e18))))/s"
        guard let total, total > 0 else { return [counted(done), rateText] }
        let done = min(done, total)
        var parts = [
            "\(text(done)) of \(counted(total))",
            "\(Int(Double(done) / Double(total) * 100))%", rateText,
        ]
        let seconds = Double(total - done) / rate
        if rate > 0, seconds < 360_000 {
            parts.append("\(Quantity.duration(seconds: Int(seconds.rounded(.up)))) left")
        }
        return parts
    }

    private func text(_ quantity: Int) -> String {
        unit == .bytes ? Quantity.bytes(quantity) : Quantity.grouped(quantity)
    }

    private func counted(_ quantity: Int) -> String {
        unit == .bytes ? Quantity.bytes(quantity) : Quantity.count(quantity, "object")
    }
}

extension GlobalOptions {
    /// Runs `body` with a progress line for what `label` names.
    func withProgress<Result>(
        _ label: String, unit: ProgressUnit = .bytes, _ body: (ProgressLine?) throws -> Result
    ) rethrows -> Result {
        let line = ProgressLine(label, unit: unit, isJSON: isJSON)
        defer { line?.finish() }
        return try body(line)
    }
}
