import Sluice
import Testing

@testable import SluiceEngine

/// Callers that are played one after another, in one thread.
@Suite struct SubmissionQueueTests {
    private typealias Turn = Submission.Turn

    private static func submission() -> Submission {
        Submission(preparing: { CatalogChange(works: [{ _ in }]) })
    }

    @Test func `a place to prepare goes to one who has none, and none is lost`() {
        let queue = SubmissionQueue(preparerLimit: 2)
        let submissions = (0..<4).map { _ in Self.submission() }
        #expect(submissions.map { queue.add($0) } == [.prepare, .prepare, .none, .none])
        #expect(queue.prepare(submissions[0]) == .lead)
        // The second prepares already, so it is the third that was left the place.
        #expect(queue.prepare(submissions[1]) == Turn.none)
        #expect(submissions[2].takeTurn() == .prepare)
        #expect(queue.prepare(submissions[2]) == Turn.none)
        #expect(queue.takeBatch().count == 4)
        #expect((0..<3).map { _ in queue.add(Self.submission()) } == [.prepare, .prepare, .none])
    }

    @Test func `who comes home settles two others, until all are`() throws {
        weak var last: Submission?
        do {
            let batch = (0..<10).map { _ in Self.submission() }
            last = batch.last
            batch[3].isPreparing = true
            var home = [try #require(Submission.settle(batch, batch.map { _ in .success([]) }))]
            func settledCount() -> Int { batch.count { $0.takeTurn() == .settled } }
            // The first, and the one whom nobody is to wait for.
            #expect(home[0] === batch[0] && batch[3].takeTurn() == .settled && settledCount() == 2)
            batch[3].settleNext()
            for place in 0..<9 where place < home.count {
                let before = Set(batch.indices.filter { batch[$0].takeTurn() == .settled })
                home[place].settleNext()
                let after = Set(batch.indices.filter { batch[$0].takeTurn() == .settled })
                home += after.subtracting(before).sorted().map { batch[$0] }
                #expect(home.count == min(2 * place + 3, 9))
            }
            #expect(settledCount() == 10)
        }
        #expect(last == nil)
    }

    @Test func `a batch of a crowd leaves some to the next`() {
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
