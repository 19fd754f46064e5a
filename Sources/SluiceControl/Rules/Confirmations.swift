internal import SluiceAccess

/// Which changes of access stand that somebody who reads has not confirmed. One time is for all changes of a request.
struct Confirmations {
    /// Until when readers may confirm.
    let deadline: Deadline
    private var missing: [String] = []

    init(waiting deadline: Deadline = .seconds(5)) { self.deadline = deadline }

    /// Keeps in mind what a change was, if it isn't confirmed.
    mutating func note<Result>(_ change: AccessChange<Result>, _ what: @autoclosure () -> String) {
        if !change.isConfirmed { miss(what()) }
    }

    /// Keeps in mind what isn't confirmed.
    mutating func miss(_ what: String) { missing.append(what) }

    /// Returns if all are confirmed.
    ///
    /// - Throws: `ServiceUnavailable`, with what stands.
    func require() throws(ControlError) {
        guard !missing.isEmpty else { return }
        throw ControlError(
            .unconfirmed, "ServiceUnavailable",
            "The change stands (\(missing.joined(separator: "; "))), but a process has not confirmed it, and may "
                + "still hand out what was allowed before: see that it is not stopped, and try again."
        )
    }
}
