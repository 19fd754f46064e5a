import Sluice
import SluiceNative
import TestSupport
import Testing

@testable import SluiceEngine

@Suite struct StoreLockTests {
    /// The system gives a lock that is free to whoever asks first, which is nearly always who had it.
    @Test func `who waits for the write lock gets it before who has it takes it again`() throws {
        let home = try TestHome()
        let path = "\(home.directory.path)/lock"
        _ = try File.createExclusively(path)
        let locks = try (0..<2).map { _ in
            StoreLock(file: try File.open(path, .readWrite), refusing: nil)
        }
        let order = Box<[Int]>([])
        try locks[0].lockWrites()
        try together(2) { thread in
            if thread == 1 {
                try locks[1].lockWrites()
                order.update { $0.append(1) }
                locks[1].unlockWrites()
                return
            }
            let queue = try File.open(path, .readWrite)
            let byte = StoreLayout.LockByte.queue
            let isQueued = eventually {
                guard (try? queue.tryLock(offset: byte, byteCount: 1, exclusive: true)) == true
                else {
                    return true
                }
                try? queue.unlock(offset: byte, byteCount: 1)
                return false
            }
            #expect(isQueued)
            locks[0].unlockWrites()
            try locks[0].lockWrites()
            order.update { $0.append(0) }
            locks[0].unlockWrites()
        }
        #expect(order.value == [1, 0])
    }
}
