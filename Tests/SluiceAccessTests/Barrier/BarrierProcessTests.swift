import Foundation
import SluiceNative
import SluiceAccess
import Synchronization
import TestSupport
import Testing

/// The barrier among processes; `BarrierProbe` is what they run.
@Suite(.serialized) struct BarrierProcessTests {
    private let directory: BarrierDirectory

    init() throws { directory = try BarrierDirectory() }

    private var runner: CommandRunner {
        CommandRunner(barrierProbeIn: directory.path)
    }

    private func appears(_ name: String) throws -> Bool {
        try eventually { try FileSystem.exists("\(directory.path)/\(name)") }
    }

    // another process    | this one
    // -------------------|--------------
    // takes a slot       |
    // is stopped         |
    //                    | takes access away: unconfirmed, names it
    // is killed          |
    //                    | asks again: confirmed
    @Test func `a stopped process is named, and a dead one not waited for`() throws {
        let barrier = try directory.open()
        let holder = try runner.start(["hold", directory.path], input: [])
        #expect(try appears("inside"))
        holder.send(SIGSTOP)
        let change = try barrier.change(waiting: .seconds(0.05)) {}.confirmation
        #expect(!change.isConfirmed)
        #expect(change.unconfirmedProcessIDs == [holder.processID])
        let again = try barrier.confirm(waiting: .seconds(0))
        #expect(again.unconfirmedProcessIDs == [holder.processID])
        holder.send(SIGKILL)
        _ = try holder.wait()
        let last = try barrier.confirm(waiting: .seconds(60))
        #expect(last.isConfirmed)
        #expect(last.epoch == change.epoch)
    }

    @Test func `a change that waits goes on when its reader dies`() throws {
        let barrier = try directory.open()
        let holder = try runner.start(["hold", directory.path], input: [])
        #expect(try appears("inside"))
        let killer = try NativeThread.start { [processID = holder.processID] in
            _ = eventually { barrier.epoch == 4 }
            _ = kill(processID, SIGKILL)
        }
        #expect(try barrier.change(waiting: .seconds(60)) {}.confirmation.isConfirmed)
        killer.join()
        _ = try holder.wait()
    }

    // another process    | this one
    // -------------------|--------------
    //                    | releases
    // epoch odd, COMMIT  |
    // dies               |
    //                    | asks each time: refused
    //                    | confirms: a new epoch
    @Test func `what a revoker that died had committed holds, and is finished by the next`() throws
    {
        let toy = try directory.gate()
        var passage = try ToyGate.passage("a")
        #expect(toy.release(&passage) == nil)
        #expect(try runner.run(["die", directory.path]).exitCode == 128 + SIGKILL)
        #expect(toy.barrier.epoch == 3)
        for _ in 0..<3 { #expect(toy.release(&passage) == nil) }
        #expect(toy.vault.asked == 4)
        toy.vault.allow(false)
        #expect(toy.release(&passage) == .accessDenied)
        #expect(try toy.barrier.confirm(waiting: .seconds(60)).epoch == 4)
        #expect(toy.release(&passage) == .accessDenied)
        #expect(try toy.change(toAllowed: true).epoch == 6)
        #expect(toy.release(&passage) == nil)
    }

    @Test func `a forked child is refused, and doesn't keep its dead parent's slot`() throws {
        let barrier = try directory.open()
        let parent = try runner.start(["fork", directory.path], input: [])
        #expect(try appears("refused"))
        // The parent dies now or soon; the child lives on, with what it inherited.
        #expect(try barrier.change(waiting: .seconds(60)) {}.confirmation.isConfirmed)
        _ = try File.createExclusively("\(directory.path)/over")
        _ = try parent.wait()
    }

    // MARK: The proof, at a small size

    private func prove(_ fault: BarrierFault?) throws -> (releases: Int, violations: Int) {
        var arguments = ["run", directory.path, "2", "2", "60", "0"]
        if let fault { arguments.append(fault.rawValue) }
        let result = try runner.run(arguments)
        let numbers = result.outputText.split(whereSeparator: \.isWhitespace).map { Int($0) ?? 0 }
        try #require(numbers.count == 4, "\(result.errorText)")
        return (numbers[2], numbers[3])
    }

    @Test func `no release lies between a revocation's return and the next restoration`() throws {
        let (releases, violations) = try prove(nil)
        #expect(violations == 0)
        #expect(releases > 0)
    }

    @Test(arguments: BarrierFault.allCases)
    func `a barrier that breaks a rule is caught`(fault: BarrierFault) throws {
        #expect(try prove(fault).violations > 0)
    }
}
