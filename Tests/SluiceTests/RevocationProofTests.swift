import SluiceAccess
import SluiceVault
import TestSupport
import Testing

/// The proof that revocation is a barrier, with real stores and at a small size: processes read while
/// another takes access away in each of seven ways and gives it back; readers and revokers are stopped and
/// killed. `scripts/torture barrier` runs the same for millions of reads.
@Suite(.serialized) struct RevocationProofTests {
    private struct Outcome {
        let readCount: Int
        let releaseCount: Int
        let violationCount: Int
    }

    /// With a fault, until that is caught.
    private func prove(_ fault: BarrierFault? = nil) throws -> Outcome {
        let directory = try TemporaryDirectory()
        var arguments = ["run-store", directory.path, "2", "2", "30", "600"]
        if let fault { arguments.append(fault.rawValue) }
        let result = try CommandRunner(barrierProbeIn: directory.path).run(arguments)
        let numbers = result.outputText.split(whereSeparator: \.isWhitespace).map { Int($0) ?? 0 }
        try #require(numbers.count == 4, "\(result.errorText)")
        #expect((result.exitCode == 0) == (numbers[3] == 0))
        return Outcome(
            readCount: numbers[1], releaseCount: numbers[2], violationCount: numbers[3])
    }

    @Test func `no store releases anything between a revocation's return and the next restoration`()
        throws
    {
        let outcome = try prove()
        #expect(outcome.violationCount == 0)
        #expect(outcome.readCount >= 600)
        #expect(outcome.releaseCount >= outcome.readCount / 2)
    }

    @Test(arguments: BarrierFault.allCases)
    func `a store whose barrier breaks a rule is caught`(fault: BarrierFault) throws {
        #expect(try prove(fault).violationCount > 0)
    }
}
