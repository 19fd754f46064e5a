/// What a repair found, and what it did about it.
public struct RepairReport: Sendable, Equatable {
    /// What became of something that was wrong.
    public enum Outcome: String, Sendable, CaseIterable {
        /// It is right again.
        case mended
        /// It was taken out of the store, and is kept in `lost+found`.
        case moved
        /// It stays as it is: it may be right once something else is that it hangs on.
        case left
    }

    /// Something that was wrong.
    public struct Finding: Sendable, Equatable {
        /// The object's name, or what else it is where the name can't be known.
        public let subject: String
        /// What was wrong with it.
        public let problem: String
        /// What became of it.
        public let outcome: Outcome
    }

    /// What was wrong; empty if nothing was, and then nothing was changed.
    public internal(set) var findings: [Finding] = []
    /// The directory with what was taken out; nil if nothing was.
    public internal(set) var lostAndFoundPath: String?
    /// What this repair and those before it have taken out; nil if nothing was.
    public internal(set) var lostAndFound: LostAndFoundSummary?

    mutating func add(_ subject: String, _ problem: String, _ outcome: Outcome) {
        findings.append(Finding(subject: subject, problem: problem, outcome: outcome))
    }
}
