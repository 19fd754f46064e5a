import Testing

@testable import Sluice

/// Callers that are played one after another, in one thread.
@Suite struct SubmissionQueueTests {
    private static func submission() -> Submission {
        Submission(preparing: { CatalogChange(works: [{ _ in }]) })
    }

    /// Prepares for `submission` until its caller is to do something else; nil if it never is.
    private static func prepare(_ submission: Submission, _ queue: SubmissionQueue) -> Submission
        .Turn?
    {
        for _ in 0..<100 {
            let turn = queue.prepare(submission)
            if turn != .prepare { return turn }
        }
        return nil
    }

    @Test func `a second place to prepare is handed on to another`() {
        let queue = SubmissionQueue(preparerLimit: 2)
        let submissions = (0..<4).map { _ in Self.submission() }
        #expect(submissions.map { queue.add($0) } == [.prepare, .prepare, .none, .none])
        // The first is to lead, and leaves its place to the second, whom it doesn't know to have one.
        #expect(Self.prepare(submissions[0], queue) == .lead)
        #expect(Self.prepare(submissions[1], queue) == Submission.Turn.none)
        // The second prepared for all, and gave the third its other place.
        #expect(submissions[2].takeTurn() == .prepare)
        #expect(queue.takeBatch().count == 4)
    }

    @Test func `a batch leaves half of a crowd to the next`() {
        let queue = SubmissionQueue(preparerLimit: 1)
        for _ in 0..<100 { _ = queue.add(Submission(CatalogChange(works: [{ _ in }]))) }
        #expect((0..<4).map { _ in queue.takeBatch().count } == [50, 40, 10, 0])
    }

    @Test func `somebody leads as long as somebody waits`() {
        let queue = SubmissionQueue(preparerLimit: 1)
        let submissions = (0..<3).map { _ in Submission(CatalogChange(works: [{ _ in }])) }
        #expect(queue.add(submissions[0]) == .lead)
        #expect(queue.takeBatch().count == 1)
        #expect(queue.add(submissions[1]) == .none)
        #expect(queue.nextToLead() === submissions[1])
        #expect(queue.takeBatch().count == 1)
        #expect(queue.nextToLead() == nil)
        #expect(queue.add(submissions[2]) == .lead)
    }
}
