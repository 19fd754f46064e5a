internal import SluiceNative

extension ReadBarrier {
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
        try adopt(directoryPath: path, isQuiet: false)
    }

    /// As ``adopt(directoryPath:)``; nobody is waited for where it is known that the vaults are quiet.
    package static func adopt(directoryPath path: String, isQuiet: Bool) throws(VaultError) -> Bool
    {
        let directory = try BarrierFile.attempt(path) { () throws(SystemError) in
            try Directory.openGuarded(path, givesToOwner: true)
        }
        try BarrierFile.refuseRemote(path)
        guard let file = try BarrierFile.existing(in: directory) else {
            guard try BarrierFile.hasNote(in: directory) else { return false }
            throw BarrierFile.damaged(path, "it has vanished")
        }
        let barrier = try BarrierFile.open(file, in: directory)
        guard try BarrierFile.hasNote(in: directory), try !barrier.isNoted(in: directory) else {
            return false
        }
        // In no child: the locks are this process's.
        let locks = UnsharedFile(file)
        let ranges = [
            (offset: BarrierLayout.changeLockOffset, byteCount: barrier.layout.byteCount),
            (offset: BarrierLayout.overflowOffset, byteCount: Int(BarrierLayout.epochLimit)),
        ]
        defer {
            for range in ranges {
                try? locks.file.unlock(offset: range.offset, byteCount: range.byteCount)
            }
        }
        for range in ranges {
            let isFree = try BarrierFile.attempt(path) { () throws(SystemError) in
                try locks.file.tryLock(
                    offset: range.offset, byteCount: range.byteCount, exclusive: true)
            }
            guard isFree else {
                throw VaultError(
                    .busy, "a process uses the vaults in \(path) still", about: .file(path),
                    remedies: [.other("end every process that does, and try again")])
            }
        }
        if !isQuiet { NativeThread.sleep(nanoseconds: 2 * BarrierWatcher.pollNanoseconds) }
        // What releases left in it were the original's.
        for slot in 0..<barrier.layout.blockCount * BarrierLayout.slotsPerBlock {
            barrier.memory.store64(0, at: BarrierLayout.offset(slot: slot))
        }
        try barrier.checkPlace()
        try barrier.replaceNote(in: directory)
        return true
    }
}
