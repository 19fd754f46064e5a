internal import SluiceNative
internal import Synchronization

/// What makes taking access away complete: an epoch and slots for readers, in memory that all processes
/// share which use the same vaults.
///
/// Readers release plaintext through a ``BarrierGate``, each time in a slot that says of which epoch their
/// grants are. Whoever changes access calls ``change(waiting:_:)``, which begins a new epoch and returns
/// once no slot holds an older one. So when it returns, nobody releases anything that was allowed only
/// before. A release costs some ten nanoseconds, no allocation and no system call.
///
/// All methods may be called from any thread. In a forked child every call throws `closed`: open the
/// vaults anew there.
public final class ReadBarrier: Sendable {
    let file: BarrierFile
    let memory: SharedMemory
    let watcher: BarrierWatcher
    /// What a test breaks on purpose.
    let fault: BarrierFault?

    /// The blocks of slots that are this process's for as long as this value lives.
    struct Claim {
        /// Holds the blocks' locks; nil before the first is claimed.
        var locks: UnsharedFile?
        var blocks: [Int] = []
    }

    let claim = Mutex(Claim())
    /// The first block that was claimed; -1 before.
    let homeBlock = Atomic<Int>(-1)
    /// Queues this process's changes: the file's lock is then waited for by one of them only.
    let changing = Mutex(())
    /// The fork generation that made it, which a child isn't of.
    private let birth = ForkGuard.generation
    /// The one in which it may be used: `birth`, and none once it is closed.
    let generation = Atomic<UInt32>(ForkGuard.generation)
    /// Why it may not be used any more, besides having been closed.
    let refusal = Mutex<VaultError?>(nil)

    /// The barrier of the vaults in a directory, which must exist; its file is made if there is none.
    ///
    /// - Throws: `io`, also for a file system that other machines may have mounted; `damaged` if the
    ///   file isn't what was made there first; `newerVersion`.
    public static func open(directoryPath: String) throws(VaultError) -> ReadBarrier {
        try open(directoryPath: directoryPath, fault: nil)
    }

    /// The barrier of vaults that are in this process's memory.
    ///
    /// - Throws: `io`.
    public static func inMemory() throws(VaultError) -> ReadBarrier {
        ReadBarrier(try .inMemory(blockCount: 4), fault: nil)
    }

    /// The epoch now: even, or odd while a change is under way.
    public var epoch: UInt64 { memory.load64(at: BarrierLayout.epochOffset) }

    /// The epoch now, if the barrier may be trusted to know.
    ///
    /// - Throws: `replaced`, `damaged`, if that was found out meanwhile.
    package func trustedEpoch() throws(VaultError) -> UInt64 {
        if !isUsable, let refusal = refusal.withLock({ $0 }) { throw refusal }
        return epoch
    }

    /// Ends the watching; whatever is asked for afterwards throws `closed`.
    ///
    /// Releases in flight in other threads still end, in their slots: those are given back when the last
    /// reference to this value goes. Closing again does nothing.
    public func close() {
        generation.store(.max, ordering: .relaxed)
        watcher.stop()
    }

    deinit {
        // What a child has are its parent's blocks, and no thread to end.
        guard birth == ForkGuard.generation else { return }
        close()
        // Nobody is in a slot, which takes a reference to this value.
        let claim = claim.withLock { $0 }
        for block in claim.blocks {
            memory.store32(0, at: file.layout.ownerOffset(block: block))
            // Not by closing alone, see `UnsharedFile`.
            try? claim.locks?.file.unlock(
                offset: BarrierLayout.lockOffset(block: block), byteCount: 1)
        }
    }

    // MARK: Inside

    private init(_ file: BarrierFile, fault: BarrierFault?) {
        self.file = file
        self.fault = fault
        memory = file.memory
        watcher = BarrierWatcher(file.memory)
        _ = watcher.add(look: { [weak self] in self?.lookAtFile() ?? false })
    }

    /// As ``open(directoryPath:)``, in a file of another size if it is made, or with a fault.
    package static func open(
        directoryPath: String, blockCount: Int = BarrierLayout.largestBlockCount,
        fault: BarrierFault?
    ) throws(VaultError) -> ReadBarrier {
        ReadBarrier(
            try .open(directoryPath: directoryPath, blockCount: blockCount), fault: fault)
    }

    var isUsable: Bool { generation.load(ordering: .relaxed) == ForkGuard.generation }

    private var isClosed: Bool { generation.load(ordering: .relaxed) == .max }

    func requireUsable() throws(VaultError) {
        guard !isUsable else { return }
        if let refusal = refusal.withLock({ $0 }) { throw refusal }
        throw VaultError(
            .closed,
            isClosed
                ? "the vaults were closed"
                : "the vaults were opened before this process was forked, which has to open them anew",
            remedies: [.reopen])
    }
}
