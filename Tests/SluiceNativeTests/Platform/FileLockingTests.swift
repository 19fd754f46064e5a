import Dispatch
import Foundation
import SluiceNative
import Testing

@Suite struct FileLockingTests {
    let scratch: Scratch
    let first: File
    let second: File

    init() throws {
        scratch = try Scratch()
        first = try scratch.directory.openOrCreateFile("lock")
        second = try scratch.directory.openOrCreateFile("lock")
    }

    @Test func `an exclusive lock keeps every other holder out`() throws {
        #expect(try first.tryLock(offset: 0, byteCount: 1, exclusive: true))
        #expect(try !second.tryLock(offset: 0, byteCount: 1, exclusive: true))
        #expect(try !second.tryLock(offset: 0, byteCount: 1, exclusive: false))
        try first.unlock(offset: 0, byteCount: 1)
        #expect(try second.tryLock(offset: 0, byteCount: 1, exclusive: true))
    }

    @Test func `shared locks keep only an exclusive one out`() throws {
        #expect(try first.tryLock(offset: 0, byteCount: 1, exclusive: false))
        #expect(try second.tryLock(offset: 0, byteCount: 1, exclusive: false))
        #expect(try !second.tryLock(offset: 0, byteCount: 1, exclusive: true))
    }

    @Test func `locks on neighbouring bytes don't meet`() throws {
        #expect(try first.tryLock(offset: 4, byteCount: 4, exclusive: true))
        #expect(try second.tryLock(offset: 0, byteCount: 4, exclusive: true))
        #expect(try second.tryLock(offset: 8, byteCount: 1, exclusive: true))
        #expect(try !second.tryLock(offset: 7, byteCount: 1, exclusive: true))
    }

    @Test func `closing another descriptor of the file keeps the lock`() throws {
        #expect(try first.tryLock(offset: 0, byteCount: 1, exclusive: true))
        _ = try scratch.directory.openFile("lock")
        #expect(try !second.tryLock(offset: 0, byteCount: 1, exclusive: true))
    }

    @Test func `a lock ends with its file`() throws {
        do {
            let third = try scratch.directory.openFile("lock", .readWrite)
            #expect(try third.tryLock(offset: 0, byteCount: 1, exclusive: true))
        }
        #expect(try first.tryLock(offset: 0, byteCount: 1, exclusive: true))
    }

    @Test func `lock waits until the other holder is done`() throws {
        //  first                      second (other thread)
        //  lock
        //                             lock, waits
        //  write "1", unlock
        //                             reads "1"
        try first.lock(offset: 0, byteCount: 1, exclusive: true)
        let done = DispatchSemaphore(value: 0)
        let thread = Thread { [second] in
            do {
                try second.lock(offset: 0, byteCount: 1, exclusive: true)
                #expect(try second.contents() == [1])
            } catch {
                Issue.record(error)
            }
            done.signal()
        }
        thread.start()
        #expect(done.wait(timeout: .now() + .milliseconds(50)) == .timedOut)
        try first.write([1].span)
        try first.unlock(offset: 0, byteCount: 1)
        #expect(done.wait(timeout: .now() + .seconds(10)) == .success)
    }

    @Test func `an exclusive lock needs a file open for writing`() throws {
        let reader = try scratch.directory.openFile("lock", .read)
        #expect(throws: SystemError.self) {
            try reader.tryLock(offset: 0, byteCount: 1, exclusive: true)
        }
        #expect(try reader.tryLock(offset: 0, byteCount: 1, exclusive: false))
    }
}
