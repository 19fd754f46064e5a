import Foundation
import SluiceNative
import Synchronization
import TestSupport
import Testing

@testable import SluiceAccess

@Suite struct BarrierGateTests {
    private enum Failure: Error { case own }

    private let toy: ToyGate

    init() throws { toy = ToyGate(try .inMemory()) }

    @Test func `a grant of the present epoch is asked for once`() throws {
        var passage = try ToyGate.passage("a")
        for _ in 0..<3 { #expect(toy.release(&passage) == nil) }
        #expect(toy.vault.asked == 1)
        #expect(passage.first.epoch == toy.barrier.epoch)
    }

    @Test func `each of two grants is asked for`() throws {
        var passage = try ToyGate.passage("a", "b")
        #expect(toy.release(&passage) == nil)
        #expect(toy.vault.asked == 2)
        #expect(passage.second?.epoch == toy.barrier.epoch)
        passage.second?.epoch = 0
        #expect(toy.release(&passage) == nil)
        #expect(toy.vault.asked == 4)
    }

    @Test func `a grant that bears no epoch of this barrier is asked for`() throws {
        for epoch: UInt64 in [0, 1, 3, .max] {
            var passage = try ToyGate.passage("a")
            passage.first.epoch = epoch
            toy.vault.allow(false)
            #expect(toy.release(&passage) == .accessDenied)
        }
    }

    // release            | change
    // -------------------|--------------
    // releases           |
    //                    | takes access away
    // refused            |
    //                    | gives it back
    // releases           |
    @Test func `access that was taken away is refused until it is given back`() throws {
        var passage = try ToyGate.passage("a")
        #expect(toy.release(&passage) == nil)
        try toy.change(toAllowed: false)
        var hasRun = false
        #expect(toy.release(&passage) { hasRun = true } == .accessDenied)
        #expect(!hasRun)
        try toy.change(toAllowed: true)
        #expect(toy.release(&passage) == nil)
    }

    @Test func `a change that takes nothing away costs one question`() throws {
        var passage = try ToyGate.passage("a")
        #expect(toy.release(&passage) == nil)
        try toy.change(toAllowed: true)
        for _ in 0..<3 { #expect(toy.release(&passage) == nil) }
        #expect(toy.vault.asked == 2)
    }

    // release            | change
    // -------------------|--------------
    // loads the epoch    |
    // asks: still allowed|
    //                    | takes access away, finds no slot, returns
    // takes a slot       |
    // looks again: moved |
    // asks: refused      |
    @Test func `an answer that was overtaken by a change is asked for again`() throws {
        var passage = try ToyGate.passage("a")
        let toy = toy
        toy.vault.beforeAnswering.withLock {
            $0 = { #expect(throws: Never.self) { try toy.change(toAllowed: false) } }
        }
        #expect(toy.release(&passage) == .accessDenied)
        #expect(toy.vault.asked == 2)
    }

    // change             | release
    // -------------------|--------------
    // epoch odd          |
    //                    | asks, releases
    //                    | asks, releases
    // COMMIT             |
    //                    | asks, refused, before the new epoch
    @Test func `while a change is under way every release asks`() throws {
        var passage = try ToyGate.passage("a")
        #expect(toy.release(&passage) == nil)
        _ = try toy.barrier.change(waiting: .none) {
            for _ in 0..<2 { #expect(toy.release(&passage) == nil) }
            #expect(toy.vault.asked == 3)
            toy.vault.allow(false)
            #expect(toy.release(&passage) == .accessDenied)
        }
        #expect(toy.release(&passage) == .accessDenied)
    }

    @Test func `of two grants one refused refuses the release, and neither counts`() throws {
        var passage = try ToyGate.passage("a", "b")
        let vault = toy.vault
        vault.beforeAnswering.withLock { $0 = { vault.allow(false) } }
        #expect(toy.release(&passage) == .accessDenied)
        #expect(passage.first.epoch == 0)
    }

    @Test func `the act's error and its result pass through, and the slot is free again`() throws {
        var passage = try ToyGate.passage("a")
        #expect(throws: Failure.own) {
            do throws(GateError<Failure>) {
                try toy.gate.release(&passage) { () throws(Failure) in throw .own }
            } catch {
                if case .act(let failure) = error { throw failure }
            }
        }
        let result = try toy.gate.release(&passage) { () throws(Failure) in 42 }
        #expect(result == 42)
        #expect(try toy.change(toAllowed: false, waiting: .seconds(0)).isConfirmed)
    }

    @Test func `a release is waited for by changes while it lasts`() throws {
        var passage = try ToyGate.passage("a")
        var during: BarrierConfirmation?
        #expect(
            toy.release(&passage) {
                during = try? toy.change(toAllowed: false, waiting: .seconds(0.01))
            } == nil)
        #expect(during?.isConfirmed == false)
        #expect(during?.unconfirmedProcessIDs == [Environment.processID])
        #expect(try toy.barrier.confirm(waiting: .seconds(0)).isConfirmed)
    }

    @Test func `a release that began after a change is not waited for`() throws {
        var passage = try ToyGate.passage("a")
        var during: BarrierConfirmation?
        #expect(
            toy.release(&passage) { during = try? toy.barrier.confirm(waiting: .seconds(0)) }
                == nil)
        #expect(during?.isConfirmed == true)
    }

    @Test func `a closed barrier releases nothing and changes nothing`() throws {
        var passage = try ToyGate.passage("a")
        #expect(toy.release(&passage) == nil)
        toy.barrier.close()
        toy.barrier.close()
        #expect(toy.release(&passage) == .closed)
        #expect(
            refusal { () throws(VaultError) in
                try toy.barrier.confirm(waiting: .none)
            } == .closed)
        #expect(throws: ChangeError<Never>.self) { try toy.change(toAllowed: false) }
        let isAllowed = toy.vault.isAllowed.load(ordering: .relaxed)
        #expect(isAllowed)
    }

    // MARK: Many at once

    /// Releases inside releases: so many are in their slots at once.
    private static func nest(
        _ depth: Int, _ toy: ToyGate, _ innermost: () throws -> Void
    ) throws {
        var passage = try ToyGate.passage("a")
        var failure: (any Error)?
        let refusal = toy.release(&passage) {
            do {
                if depth > 1 {
                    try nest(depth - 1, toy, innermost)
                } else {
                    try innermost()
                }
            } catch { failure = error }
        }
        #expect(refusal == nil)
        if let failure { throw failure }
    }

    /// One slot, a full block, another block, and every block full.
    @Test(arguments: [1, 64, 65, 128, 129, 140])
    func `as many releases as there are at once are all waited for`(count: Int) throws {
        let directory = try BarrierDirectory()
        let toy = ToyGate(try directory.open(blockCount: 2))
        let other = try directory.open()
        try Self.nest(count, toy) {
            let change = try toy.change(toAllowed: true, waiting: .seconds(0.01))
            #expect(!change.isConfirmed)
            let confirmation = try other.confirm(waiting: .seconds(0))
            #expect(!confirmation.isConfirmed)
        }
        #expect(try other.confirm(waiting: .seconds(0)).isConfirmed)
    }

    // A barrier of one block, which a process has; another process releases.
    @Test func `a process without a slot releases under the lock, and is waited for`() throws {
        let directory = try BarrierDirectory()
        let owner = ToyGate(try directory.open(blockCount: 1))
        var passage = try ToyGate.passage("a")
        #expect(owner.release(&passage) == nil)

        let late = ToyGate(try directory.open())
        var latePassage = try ToyGate.passage("a")
        var during: BarrierConfirmation?
        var later: BarrierConfirmation?
        #expect(
            late.release(&latePassage) {
                later = try? owner.barrier.confirm(waiting: .seconds(0))
                during = try? owner.change(toAllowed: true, waiting: .seconds(0.01))
            } == nil)
        // Of the same epoch, it needn't be waited for.
        #expect(later?.isConfirmed == true)
        #expect(during?.isConfirmed == false)
        #expect(try owner.barrier.confirm(waiting: .seconds(0)).isConfirmed)
        late.vault.allow(false)
        #expect(late.release(&latePassage) == .accessDenied)
    }

    // What a child that another test starts has, until the other program begins in it.
    @Test func `a lock that a child has a copy of is given up all the same`() throws {
        let directory = try BarrierDirectory()
        let owner = ToyGate(try directory.open(blockCount: 1))
        var passage = try ToyGate.passage("a")
        #expect(owner.release(&passage) == nil)
        let late = ToyGate(try directory.open())
        var copies: [Int32] = []
        defer { for copy in copies { close(copy) } }
        #expect(late.release(&passage) { copies += Self.copyDescriptors(of: directory) } == nil)
        #expect(!copies.isEmpty)
        // Other epochs' locks only.
        #expect(try owner.change(toAllowed: true, waiting: .seconds(0)).isConfirmed)
    }

    @Test func `a block that a child has a copy of is given back all the same`() throws {
        let directory = try BarrierDirectory()
        var copies: [Int32] = []
        defer { for copy in copies { close(copy) } }
        for _ in 0..<2 {
            let toy = ToyGate(try directory.open(blockCount: 1))
            var passage = try ToyGate.passage("a")
            #expect(toy.release(&passage) == nil)
            copies += Self.copyDescriptors(of: directory)
            #expect(toy.barrier.slots.blocks == [0])
        }
    }

    private static func copyDescriptors(of directory: BarrierDirectory) -> [Int32] {
        let files = FileManager.default
        let numbers = (try? files.contentsOfDirectory(atPath: "/proc/self/fd")) ?? []
        return numbers.compactMap(Int32.init).compactMap { number in
            let path = try? files.destinationOfSymbolicLink(atPath: "/proc/self/fd/\(number)")
            return path == "\(directory.path)/barrier" ? dup(number) : nil
        }
    }

    @Test func `without a slot too, an answer that was overtaken is asked for again`() throws {
        let directory = try BarrierDirectory()
        let owner = ToyGate(try directory.open(blockCount: 1))
        var passage = try ToyGate.passage("a")
        #expect(owner.release(&passage) == nil)
        let late = ToyGate(try directory.open())
        passage.first.epoch = 0
        // Once before it is known that there is no slot, and once under the lock.
        late.vault.beforeAnswering.withLock {
            $0 = {
                #expect(throws: Never.self) { try late.change(toAllowed: true) }
                late.vault.beforeAnswering.withLock {
                    $0 = { #expect(throws: Never.self) { try late.change(toAllowed: false) } }
                }
            }
        }
        #expect(late.release(&passage) == .accessDenied)
        #expect(late.vault.asked == 3)
    }

    @Test func `a process that ends gives its block back`() throws {
        let directory = try BarrierDirectory()
        for _ in 0..<3 {
            let toy = ToyGate(try directory.open(blockCount: 1))
            var passage = try ToyGate.passage("a")
            #expect(toy.release(&passage) == nil)
            #expect(toy.barrier.slots.blocks == [0])
        }
    }
}
