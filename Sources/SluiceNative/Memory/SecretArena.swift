internal import Glibc
internal import Synchronization

/// The memory that `SecretBytes` live in: locked where the limit allows (`RLIMIT_MEMLOCK`), not
/// dumped, zeros in a forked child, wiped at release.
///
/// Blocks of 64 bytes to 4 KiB are carved from regions of up to 64 KiB, which are kept and reused
/// for the process's life; a larger secret has a mapping of its own. Safe from any thread.
public enum SecretArena {
    /// How much of the arena is in use.
    public struct Usage: Sendable, Equatable {
        /// Bytes held by live secrets in memory that can't be swapped out, rounded up to blocks.
        public let lockedByteCount: Int
        /// Bytes held by live secrets in memory that may be swapped out, rounded up to blocks.
        public let unlockedByteCount: Int
    }

    /// The arena's use at this moment.
    public static var usage: Usage {
        state.withLock { state in
            Usage(
                lockedByteCount: state.inUseByteCounts[0],
                unlockedByteCount: state.inUseByteCounts[1])
        }
    }

    // MARK: Blocks

    /// A block of the arena, which its holder alone may touch.
    @safe struct Block: @unchecked Sendable {
        let start: UnsafeMutablePointer<UInt8>
        let byteCount: Int
        let isLocked: Bool
    }

    /// A zeroed block of at least `byteCount` bytes.
    static func allocate(byteCount: Int) -> Block {
        precondition(byteCount >= 0)
        guard byteCount <= largestBlockByteCount else {
            let rounded = PrivatePages.roundedUp(byteCount)
            let (start, isLocked) = unsafe mapLocked(byteCount: rounded)
            let block = unsafe Block(start: start, byteCount: rounded, isLocked: isLocked)
            state.withLock { $0.count(block, by: 1) }
            return block
        }
        return state.withLock { state in
            let block = state.takeBlock(sizeClass: sizeClass(of: byteCount))
            state.count(block, by: 1)
            return block
        }
    }

    /// Wipes a block and takes it back.
    static func release(_ block: Block) {
        guard block.byteCount <= largestBlockByteCount else {
            unsafe PrivatePages.unmap(block.start, byteCount: block.byteCount)
            state.withLock { $0.count(block, by: -1) }
            return
        }
        unsafe explicit_bzero(block.start, block.byteCount)
        state.withLock { state in
            state.putBlock(block)
            state.count(block, by: -1)
        }
    }

    // MARK: State

    private static let state = Guarded(State())

    /// A command holds few secrets, and locking a region makes the system find every page of it.
    private static let firstRegionByteCount = PrivatePages.roundedUp(16 * 1024)
    private static let regionByteCount = PrivatePages.roundedUp(64 * 1024)
    private static let smallestBlockByteCount = 64
    private static let largestBlockByteCount = 4096

    /// 0 for 64 bytes, 1 for 128, up to 6 for 4 KiB.
    private static func sizeClass(of byteCount: Int) -> Int {
        let blocks = (max(byteCount, 1) - 1) / smallestBlockByteCount
        return Int.bitWidth - blocks.leadingZeroBitCount
    }

    @unsafe private static func mapLocked(
        byteCount: Int
    ) -> (start: UnsafeMutablePointer<UInt8>, isLocked: Bool) {
        let start = unsafe mapOrTrap(byteCount: byteCount)
        let isLocked = unsafe mlock(start, byteCount) == 0
        return unsafe (start.bindMemory(to: UInt8.self, capacity: byteCount), isLocked)
    }

    /// Secrets are small, and made everywhere: who runs the process sees to it that there is room for them.
    @unsafe private static func mapOrTrap(byteCount: Int) -> UnsafeMutableRawPointer {
        do throws(SystemError) {
            return unsafe try PrivatePages.map(byteCount: byteCount)
        } catch {
            fatalError("out of memory for secrets: \(error)")
        }
    }

    /// Free blocks are chained through their first word. A forked child finds zeros there, which
    /// end a chain: it loses free blocks, and nothing else.
    @safe private struct State {
        /// Heads of the chains: locked blocks by size class, then unlocked ones.
        private var freeBlocks = unsafe [14 of UnsafeMutablePointer<UInt8>?](repeating: nil)
        private var unusedStart: UnsafeMutablePointer<UInt8>?
        private var unusedByteCount = 0
        private var isUnusedLocked = false
        /// Locked, then unlocked.
        var inUseByteCounts: [2 of Int] = [0, 0]

        mutating func count(_ block: Block, by sign: Int) {
            inUseByteCounts[block.isLocked ? 0 : 1] += sign * block.byteCount
        }

        mutating func takeBlock(sizeClass: Int) -> Block {
            let byteCount = smallestBlockByteCount << sizeClass
            for chain in stride(from: sizeClass, through: sizeClass + 7, by: 7) {
                guard let start = unsafe freeBlocks[chain] else { continue }
                unsafe start.withMemoryRebound(to: Link.self, capacity: 1) { link in
                    unsafe freeBlocks[chain] = link.pointee
                    unsafe link.pointee = nil
                }
                return unsafe Block(start: start, byteCount: byteCount, isLocked: chain < 7)
            }
            if unusedByteCount < byteCount {
                unusedByteCount =
                    unsafe unusedStart == nil ? firstRegionByteCount : regionByteCount
                unsafe (unusedStart, isUnusedLocked) = mapLocked(byteCount: unusedByteCount)
            }
            guard let start = unsafe unusedStart else { preconditionFailure("no region") }
            unsafe unusedStart = start + byteCount
            unusedByteCount -= byteCount
            return unsafe Block(start: start, byteCount: byteCount, isLocked: isUnusedLocked)
        }

        mutating func putBlock(_ block: Block) {
            let chain = sizeClass(of: block.byteCount) + (block.isLocked ? 0 : 7)
            unsafe block.start.withMemoryRebound(to: Link.self, capacity: 1) { link in
                unsafe link.pointee = freeBlocks[chain]
            }
            unsafe freeBlocks[chain] = block.start
        }

        private typealias Link = UnsafeMutablePointer<UInt8>?
    }
}
