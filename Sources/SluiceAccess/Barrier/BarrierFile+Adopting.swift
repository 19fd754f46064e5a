internal import SluiceNative

extension BarrierFile {
    /// See ``ReadBarrier/adopt(directoryPath:)``; nobody is waited for where it is known that the vaults are quiet.
    static func adopt(directoryPath path: String, isQuiet: Bool) throws(VaultError) -> Bool {
        let directory = try attempt(path) { () throws(SystemError) in
            try Directory.openGuarded(path, givesToOwner: true)
        }
        try refuseRemote(path)
        guard let file = try existing(in: directory) else {
            guard try hasNote(in: directory) else { return false }
            throw damaged(path, "it has vanished")
        }
        let barrier = try open(file, in: directory)
        guard try hasNote(in: directory), try !barrier.isNoted(in: directory) else {
            return false
        }
        try barrier.requireWritable()
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
            let isFree = try attempt(path) { () throws(SystemError) in
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
