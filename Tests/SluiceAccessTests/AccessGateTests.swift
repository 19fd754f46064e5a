import TestSupport
import Testing

@testable import SluiceAccess

@Suite struct AccessGateTests {
    private enum Failure: Error, Equatable {
        case own
        case vault(VaultError.Code)
    }

    private static func grant(_ name: String) throws -> Grant {
        Grant(
            key: try KeyIdentifier(vault: "abc", name: name), identity: .owner,
            operation: .unwrapKey, epoch: 0)
    }

    /// Refuses what does not hold a grant of epoch 7, as a barrier would.
    private struct EpochGate: AccessGate {
        func release<Result: ~Copyable, Failure: Error>(
            _ passage: inout Passage, _ act: () throws(Failure) -> Result
        ) throws(GateError<Failure>) -> Result {
            guard passage.first.epoch == 7 else {
                throw .refused(VaultError(.accessDenied, "revoked"))
            }
            do { return try act() } catch { throw .act(error) }
        }
    }

    private func release(
        _ gate: some AccessGate, _ passage: inout Passage, _ act: () throws(Failure) -> Int
    ) throws(Failure) -> Int {
        do {
            return try gate.release(&passage, act)
        } catch {
            throw error.merged { .vault($0.code) }
        }
    }

    @Test func `a refusal becomes the caller's error and the act never runs`() throws {
        var passage = Passage(try Self.grant("k"))
        var hasRun = false
        #expect(throws: Failure.vault(.accessDenied)) {
            try release(EpochGate(), &passage) { () throws(Failure) in
                hasRun = true
                return 1
            }
        }
        #expect(!hasRun)
        passage.first.epoch = 7
        #expect(try release(EpochGate(), &passage) { () throws(Failure) in 1 } == 1)
    }

    @Test func `a passage keeps two different grants and one of two equal ones`() throws {
        let (first, second) = (try Self.grant("a"), try Self.grant("b"))
        let two = Passage(first, second)
        #expect(two.first == first)
        #expect(two.second == second)
        let one = Passage(first, first)
        #expect(one.second == nil)
    }
}
