internal import RealModule

/// Where values lie along one direction of a chart.
struct Axis {
    /// One of its ends.
    enum End {
        case low, high
    }

    private let low: Double
    private let high: Double
    private let start: Double
    private let end: Double
    private let isLogarithmic: Bool

    /// An axis on which `low` lies at `start` and `high`, which is more, at `end`.
    init(
        _ low: Double, _ high: Double, from start: Double, to end: Double, logarithmic: Bool = false
    ) {
        precondition(low < high && (!logarithmic || low > 0), "an axis has an extent")
        self.low = low
        self.high = high
        self.start = start
        self.end = end
        isLogarithmic = logarithmic
    }

    /// The place of a value; one beyond an end lies at that end.
    func place(_ value: Double) -> Double {
        let clamped = min(max(value, low), high)
        let share =
            isLogarithmic
            ? .log(clamped / low) / .log(high / low) : (clamped - low) / (high - low)
        return start + share * (end - start)
    }

    /// The end beyond which a value lies; nothing if the axis has it.
    func end(before value: Double) -> End? {
        value < low ? .low : value > high ? .high : nil
    }

    /// Round values within the axis, no two nearer to each other than `distance`.
    func ticks(atLeast distance: Double) -> [Double] {
        var ticks: [Double] = []
        for value in isLogarithmic ? logarithmicTicks(distance) : linearTicks(distance)
        where (low...high).contains(value)
            && ticks.allSatisfy({ abs(place($0) - place(value)) >= distance })
        {
            ticks.append(value)
        }
        return ticks.sorted()
    }

    private func linearTicks(_ distance: Double) -> [Double] {
        let least = (high - low) * distance / abs(end - start)
        let power = Double.exp10(Double.log10(least).rounded(.down))
        let step = ([1, 2, 5, 10].map { $0 * power }).first { $0 >= least } ?? 10 * power
        let first = (low / step).rounded(.up)
        let last = (high / step).rounded(.down)
        guard first <= last else { return [] }
        return stride(from: first, through: last, by: 1).map { $0 * step }
    }

    /// The powers of ten first, then what lies between them as far as there is room.
    private func logarithmicTicks(_ distance: Double) -> [Double] {
        let powers = stride(
            from: Double.log10(low).rounded(.down), through: Double.log10(high).rounded(.up), by: 1
        ).map { Double.exp10($0) }
        let factors: [Double] = [1, 2, 5, 1.5, 3, 7, 9, 8, 1.1, 9.5, 1.05, 1.2, 9.8, 1.02]
        return factors.flatMap { factor in powers.map { $0 * factor } }
    }
}
