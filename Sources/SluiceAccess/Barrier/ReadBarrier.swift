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
    /// What a test has put in.
    let hook: (any BarrierHook)?
    /// Whether there is one: a release compares this, for to look at the other copies it.
    let isHooked: Bool

    package let slots: BarrierSlots
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
        try open(directoryPath: directoryPath, hook: nil)
    }

    /// Takes over the barrier of vaults that were copied or restored whole, which is another file than the
    /// one that was noted when it was made.
    ///
    /// Every process that used the vaults before they were copied into this place must have ended. Takes two
    /// seconds, in which a process finds out whose files were exchanged while it ran.
    ///
    /// - Returns: Whether there was anything to do.
    /// - Throws: `busy` if somebody uses this barrier; `damaged` if there is none, or it is none; `io`,
    ///   `newerVersion`.
    public static func adopt(directoryPath path: String) throws(VaultError) -> Bool {
        try BarrierFile.adopt(directoryPath: path, isQuiet: false)
    }

    /// As ``adopt(directoryPath:)``; nobody is waited for where it is known that the vaults are quiet.
    package static func adopt(
        directoryPath path: String, isQuiet: Bool
    ) throws(VaultError) -> Bool {
        try BarrierFile.adopt(directoryPath: path, isQuiet: isQuiet)
    }

    /// The barrier of vaults that are in this process's memory.
    ///
    /// - Throws: `io`.
    public static func inMemory() throws(VaultError) -> ReadBarrier {
        ReadBarrier(try .inMemory(blockCount: 4), hook: nil)
    }

    /// Whether this process may change access, and not just release under it: it can write to the barrier's file.
    public var isWritable: Bool { memory.isWritable }

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
        slots.giveBack()
    }

    // MARK: Inside

    private init(_ file: BarrierFile, hook: (any BarrierHook)?) {
        self.file = file
        self.hook = hook
        isHooked = hook != nil
        memory = file.memory
        watcher = BarrierWatcher(file.memory)
        slots = BarrierSlots(file, watcher)
        _ = watcher.add(look: { [weak self] in self?.lookAtFile() ?? false })
    }

    /// As ``open(directoryPath:)``, in a file of another size if it is made, or with a hook.
    package static func open(
        directoryPath: String, blockCount: Int = BarrierLayout.largestBlockCount,
        hook: (any BarrierHook)?
    ) throws(VaultError) -> ReadBarrier {
        ReadBarrier(
            try .open(directoryPath: directoryPath, blockCount: blockCount), hook: hook)
    }

    var isUsable: Bool { generation.load(ordering: .relaxed) == ForkGuard.generation }

    private var isClosed: Bool { generation.load(ordering: .relaxed) == .max }

    package func requireUsable() throws(VaultError) {
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
