import Dispatch
import SluiceNative
import Synchronization
import Testing

@testable import SluiceVault

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

    @Test func `the file has all of its space, is private, and lies alone with its nonce`() throws {
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

    @Test(arguments: [0, 1, 15])
    func `a nonce that differs is refused`(index: Int) throws {
        let barrier = try directory.open()
        var nonce = [UInt8](repeating: 0, count: 16)
        var span = nonce.mutableSpan
        _ = try file("barrier.nonce").read(into: &span, at: 0)
        nonce[index] ^= 1
        try put(nonce, at: 0, of: "barrier.nonce")
        #expect(code == .damaged)
        #expect(
            refusal { () throws(VaultError) in try barrier.confirm(waiting: .none) } == .damaged)
    }

    @Test(arguments: [0, 15, 17])
    func `a nonce of another length is refused`(byteCount: Int) throws {
        _ = try directory.open()
        try file("barrier.nonce").truncate(to: byteCount)
        #expect(code == .damaged)
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
