internal import SluiceNative

/// The locks that processes sharing a store hold against each other: open-file-description locks on
/// bytes of the file `lock`. Within a process, whoever uses one keeps its own order.
///
/// They die with their holder, so nothing is ever left locked.
final class StoreLock: Sendable {
    private typealias LockByte = StoreLayout.LockByte

    /// Nil for a store in memory, which nobody else can have.
    private let file: File?
    /// Why nobody here may hold them; nil if anybody may.
    private let refusal: StoreError?

    /// Those of a store's files; of none, if the store is in memory.
    convenience init(_ files: StoreFiles?) {
        self.init(
            file: files?.lock,
            refusing: files.flatMap { $0.isWritable ? nil : StoreError.unwritable($0.path) })
    }

    init(file: File?, refusing refusal: StoreError?) {
        self.file = file
        self.refusal = refusal
    }

    /// Waits for the write lock, which every write transaction and every checkpoint holds.
    ///
    /// Who waits for it is next: the system gives a lock that is free to whoever asks, and a process that
    /// takes it again at once would be first each time.
    func lockWrites() throws(StoreError) {
        if let refusal { throw refusal }
        do throws(SystemError) {
            try file?.lock(offset: LockByte.queue, byteCount: 1, exclusive: true)
            defer { try? file?.unlock(offset: LockByte.queue, byteCount: 1) }
            try file?.lock(offset: LockByte.write, byteCount: 1, exclusive: true)
        } catch {
            throw StoreError(system: error, "lock the store")
        }
    }

    /// Takes the write lock, unless somebody has it.
    func tryLockWrites() throws(StoreError) -> Bool {
        if let refusal { throw refusal }
        do throws(SystemError) {
            return try file?.tryLock(offset: LockByte.write, byteCount: 1, exclusive: true) ?? true
        } catch {
            throw StoreError(system: error, "lock the store")
        }
    }

    func unlockWrites() {
        // Unlocking what is locked can't fail; if it did, closing the file would do it.
        try? file?.unlock(offset: LockByte.write, byteCount: 1)
    }

    /// Takes the right to unlink blobs, unless a backup or another reaper has it.
    func tryLockReaping() throws(StoreError) -> Bool {
        if let refusal { throw refusal }
        do throws(SystemError) {
            return try file?.tryLock(offset: LockByte.reap, byteCount: 1, exclusive: true) ?? true
        } catch {
            throw StoreError(system: error, "lock the store")
        }
    }

    func unlockReaping() {
        try? file?.unlock(offset: LockByte.reap, byteCount: 1)
    }
}
