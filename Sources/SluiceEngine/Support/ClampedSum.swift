extension Int {
    /// The sum, or the end of the range that it would lie beyond: for numbers that nothing authenticates.
    func addingClamped(_ other: Int) -> Int {
        let (sum, isOverflow) = addingReportingOverflow(other)
        guard isOverflow else { return sum }
        return other < 0 ? .min : .max
    }
}
