import Dispatch
import SluiceNative
import Synchronization
import TestSupport
import Testing

@testable import SluiceAccess

@Suite struct BarrierFileTests {
    private let directory: BarrierDirectory

    init() throws { directory = try BarrierDirectory() }

    private func file(_ name: String) throws -> File {
        try Directory.open(directory.path).openFile(name, .readWrite)
    }

    private func unlink(_ name: String) throws {
        try Directory.open(directory.path).unlink(name)
    }

    private func put(_ bytes: [UInt8], at offset: Int, of name: String = "barrier") throws {
        try file(name).write(bytes.span, at: offset)
    }

    private var code: VaultError.Code? {
        refusal { () throws(VaultError) in try directory.open() }
    }

    @Test func `the file has all of its space, is private, and lies alone with its note`() throws {
        _ = try directory.open()
        let status = try file("barrier").status()
        #expect(status.byteCount == 4096 + 256 * 4096)
        #expect(status.allocatedByteCount >= status.byteCount)
        #expect(status.mode == 0o600)
        #expect(try file("barrier.nonce").status().mode == 0o600)
        let names = try Directory.open(directory.path).names().compactMap(\.string).sorted()
        #expect(names == ["barrier", "barrier.nonce"])
    }

    @Test func `everyone opens the file that was there first`() throws {
        let first = try directory.open()
        _ = try first.change(waiting: .none) {}
        let second = try directory.open()
        #expect(second.epoch == first.epoch)
        _ = try second.change(waiting: .none) {}
        #expect(second.epoch == first.epoch)
    }

    @Test func `of many who make it at once one does`() throws {
        let barriers = Mutex<[ReadBarrier]>([])
        DispatchQueue.concurrentPerform(iterations: 16) { _ in
            #expect(throws: Never.self) {
                let barrier = try directory.open()
                barriers.withLock { $0.append(barrier) }
            }
        }
        let all = barriers.withLock { $0 }
        #expect(all.count == 16)
        _ = try all.first?.change(waiting: .none) {}
        #expect(Set(all.map(\.epoch)) == [4])
    }

    @Test func `a maker who died before noting the nonce is finished`() throws {
        _ = try directory.open()
        try unlink("barrier.nonce")
        #expect(code == nil)
        #expect(code == nil)
    }

    @Test func `a barrier that has vanished is not made anew`() throws {
        let barrier = try directory.open()
        try unlink("barrier")
        #expect(code == .damaged)
        #expect(
            refusal { () throws(VaultError) in try barrier.confirm(waiting: .none) } == .damaged)
    }

    @Test func `a change refuses a barrier that was replaced, before it commits`() throws {
        let barrier = try directory.open()
        try unlink("barrier")
        try unlink("barrier.nonce")
        let other = try directory.open()
        #expect(throws: ChangeError<Never>.self) {
            try barrier.change(waiting: .none) { Issue.record("it was committed") }
        }
        #expect(throws: Never.self) { try other.change(waiting: .none) {} }
    }

    @Test(arguments: [0, 1, 15, 16, 23, 24, 31])
    func `a note that differs is refused`(index: Int) throws {
        let barrier = try directory.open()
        var note = try bytes(of: "barrier.nonce")
        note[index] ^= 1
        try put(note, at: 0, of: "barrier.nonce")
        #expect(code == .replaced)
        #expect(
            refusal { () throws(VaultError) in try barrier.confirm(waiting: .none) } == .replaced)
    }

    @Test(arguments: [0, 15, 16, 17, 31, 33])
    func `a note of another length is refused`(byteCount: Int) throws {
        _ = try directory.open()
        try file("barrier.nonce").truncate(to: byteCount)
        #expect(code == .replaced)
    }

    @Test func `a note without a time of birth goes by the inode`() throws {
        _ = try directory.open()
        var note = try bytes(of: "barrier.nonce")
        note.replaceSubrange(24..<32, with: [UInt8](repeating: 0, count: 8))
        try put(note, at: 0, of: "barrier.nonce")
        #expect(code == nil)
        note[16] ^= 1
        try put(note, at: 0, of: "barrier.nonce")
        #expect(code == .replaced)
    }

    // MARK: Copies

    /// Puts a copy of the barrier in its place, as a backup that is put back does.
    private func replaceByCopy() throws {
        let copy = try bytes(of: "barrier")
        let home = try Directory.open(directory.path)
        try home.createExclusively("copy").write(copy.span, at: 0)
        try home.replace("barrier", with: "copy")
    }

    private func bytes(of name: String) throws -> [UInt8] {
        let file = try file(name)
        var bytes = [UInt8](repeating: 0, count: try file.status().byteCount)
        var span = bytes.mutableSpan
        _ = try file.read(into: &span, at: 0)
        return bytes
    }

    @Test func `a copy in its place is refused, until it is adopted`() throws {
        let barrier = try directory.open()
        barrier.close()
        #expect(try !ReadBarrier.adopt(directoryPath: directory.path, isQuiet: true))
        try replaceByCopy()
        #expect(code == .replaced)
        #expect(try ReadBarrier.adopt(directoryPath: directory.path, isQuiet: true))
        #expect(code == nil)
        #expect(try !ReadBarrier.adopt(directoryPath: directory.path, isQuiet: true))
    }

    @Test func `whoever has the first open changes nothing and releases nothing any more`() throws {
        let toy = ToyGate(try directory.open())
        var passage = try ToyGate.passage("a")
        #expect(toy.release(&passage) == nil)
        try replaceByCopy()
        #expect(throws: ChangeError<Never>.self) {
            try toy.barrier.change(waiting: .none) { Issue.record("it was committed") }
        }
        #expect(toy.release(&passage) == .replaced)
    }

    @Test func `a reader finds out within a second or two by itself`() throws {
        let toy = ToyGate(try directory.open())
        var passage = try ToyGate.passage("a")
        #expect(toy.release(&passage) == nil)
        try replaceByCopy()
        #expect(eventually { toy.release(&passage) == .replaced })
        #expect(throws: VaultError.self) { try toy.barrier.trustedEpoch() }
    }

    @Test func `a barrier that is cut short ends its use`() throws {
        let toy = ToyGate(try directory.open())
        var passage = try ToyGate.passage("a")
        #expect(toy.release(&passage) == nil)
        // What is cut off is a block that nobody uses.
        try file("barrier").truncate(to: 4096 + 200 * 4096)
        #expect(eventually { toy.release(&passage) == .damaged })
    }

    @Test func `one that is in use is not adopted`() throws {
        _ = try directory.open()
        try replaceByCopy()
        let user = try file("barrier")
        #expect(try user.tryLock(offset: 4096, byteCount: 1, exclusive: true))
        #expect(
            refusal { () throws(VaultError) in
                try ReadBarrier.adopt(directoryPath: directory.path, isQuiet: true)
            } == .busy)
        try user.unlock(offset: 4096, byteCount: 1)
        #expect(
            try user.tryLock(
                offset: BarrierLayout.overflowOffset(epoch: 2), byteCount: 1, exclusive: false))
        #expect(
            refusal { () throws(VaultError) in
                try ReadBarrier.adopt(directoryPath: directory.path, isQuiet: true)
            } == .busy)
    }

    @Test func `slots that a copy was made in are empty once it is adopted`() throws {
        _ = try directory.open()
        try replaceByCopy()
        try put([2], at: BarrierLayout.offset(slot: 70))
        try put([9], at: 256 + 4)
        #expect(try ReadBarrier.adopt(directoryPath: directory.path, isQuiet: true))
        let change = try directory.open().change(waiting: .seconds(0)) {}
        #expect(change.confirmation.isConfirmed)
    }

    @Test func `vaults without a barrier get one only when others had time to notice`() throws {
        try Directory.open(directory.path).createExclusively("root.check").sync()
        let start = MonotonicClock.nowNanoseconds
        _ = try directory.open()
        #expect(MonotonicClock.nowNanoseconds - start >= 2 * BarrierWatcher.pollNanoseconds)
        let later = MonotonicClock.nowNanoseconds
        _ = try directory.open()
        #expect(MonotonicClock.nowNanoseconds - later < 2 * BarrierWatcher.pollNanoseconds)
    }

    @Test(arguments: [0, 4095, 4096, 4096 + 256 * 4096 - 1, 4096 + 256 * 4096 + 1])
    func `a barrier of another size is refused`(byteCount: Int) throws {
        _ = try directory.open()
        try file("barrier").truncate(to: byteCount)
        #expect(code == .damaged)
    }

    @Test(
        arguments: [
            (0, [0]), (7, [0]), (8, [0]), (12, [0, 0]), (12, [1, 1]), (12, [255]), (64, [0]),
            (64, [1]),
            (71, [255]),
        ] as [(Int, [UInt8])])
    func `a header that makes no sense is refused`(offset: Int, bytes: [UInt8]) throws {
        _ = try directory.open()
        try put(bytes, at: offset)
        #expect(code == .damaged)
    }

    @Test func `a newer layout is refused as such`() throws {
        _ = try directory.open()
        try put([2], at: 8)
        #expect(code == .newerVersion)
    }

    @Test func `a directory that isn't there is an error`() {
        #expect(
            refusal { () throws(VaultError) in
                try ReadBarrier.open(directoryPath: "\(directory.path)/none")
            } == .io)
    }

    @Test func `an epoch beyond its limit is refused before anything is committed`() throws {
        let barrier = try directory.open()
        try put([0, 0, 0, 0, 0, 0, 0, 0x10], at: 64)
        #expect(throws: ChangeError<Never>.self) {
            try barrier.change(waiting: .none) { Issue.record("it was committed") }
        }
    }
}
