/// Where things are in a barrier's file: a header, then blocks of slots, one cache line a slot.
///
///     offset  size  meaning
///          0     8  magic
///          8     4  version of this layout, 1
///         12     4  number of blocks
///         16    16  nonce, which the file `barrier.nonce` holds too, see `BarrierNote`
///         64     8  epoch: even, stable; odd, a change is under way
///        128     4  futex word, one more after each change
///        256     4  for each block, the process that claimed it, or 0
///       1280     4  for each block, the process namespace which that process's number is of, or 0
///       4096  4096  for each block, 64 slots of 64 bytes: the epoch of the release in it, or 0
///
/// Locks are open file description locks: on byte 0 for a change, on a block's first byte for the
/// block, and from `overflowOffset` on, far behind the end, one byte an epoch.
struct BarrierLayout: Equatable {
    static let magic: UInt64 = 0x5242_4543_4955_4C53  // "SLUICEBR", the lowest byte first
    static let version: UInt32 = 1

    static let magicOffset = 0
    static let versionOffset = 8
    static let blockCountOffset = 12
    static let nonceOffset = 16
    static let nonceByteCount = 16
    static let epochOffset = 64
    static let futexOffset = 128
    static let ownersOffset = 256
    static let namespacesOffset = 1280
    static let headerByteCount = 4096

    static let slotByteCount = 64
    static let slotsPerBlock = 64
    static let blockByteCount = slotByteCount * slotsPerBlock
    /// What fits between the owners' beginning and the header's end, rounded down.
    static let largestBlockCount = 256

    /// The first epoch: even, and neither 0, which marks an empty slot, nor that of a grant which no
    /// barrier gave.
    static let firstEpoch: UInt64 = 2
    /// No barrier lives so long; a file that has such an epoch is damaged.
    static let epochLimit: UInt64 = 1 << 60

    static let changeLockOffset = 0
    static let overflowOffset = 1 << 61

    let blockCount: Int

    var byteCount: Int { Self.headerByteCount + blockCount * Self.blockByteCount }

    func ownerOffset(block: Int) -> Int { Self.ownersOffset + 4 * block }

    static func namespaceOffset(block: Int) -> Int { namespacesOffset + 4 * block }

    /// Where a slot is, by its number in the file.
    static func offset(slot: Int) -> Int { headerByteCount + slot * slotByteCount }

    /// A block's first byte, which its claimant locks.
    static func lockOffset(block: Int) -> Int { headerByteCount + block * blockByteCount }

    /// The byte that a release in an epoch locks if there is no slot for it.
    static func overflowOffset(epoch: UInt64) -> Int { overflowOffset + Int(epoch) }

    static func slots(ofBlock block: Int) -> Range<Int> {
        block * slotsPerBlock..<(block + 1) * slotsPerBlock
    }

    /// A number's bytes in these files, the least significant first.
    static func bytes<Word: FixedWidthInteger>(of word: Word) -> [UInt8] {
        (0..<Word.bitWidth / 8).map { UInt8(truncatingIfNeeded: word >> (8 * $0)) }
    }

    /// The number whose bytes these are.
    static func word<Word: FixedWidthInteger>(
        _ bytes: [UInt8], _ type: Word.Type = Word.self, at offset: Int
    ) -> Word {
        bytes[offset..<offset + Word.bitWidth / 8].reversed().reduce(0) { $0 << 8 | Word($1) }
    }

    /// A new file's bytes.
    func initialBytes(nonce: [UInt8]) -> [UInt8] {
        precondition(nonce.count == Self.nonceByteCount)
        precondition((1...Self.largestBlockCount).contains(blockCount))
        var bytes = [UInt8](repeating: 0, count: byteCount)
        func put<Word: FixedWidthInteger>(_ word: Word, at offset: Int) {
            bytes.replaceSubrange(
                offset..<offset + Word.bitWidth / 8, with: Self.bytes(of: word))
        }
        put(Self.magic, at: Self.magicOffset)
        put(Self.version, at: Self.versionOffset)
        put(UInt32(blockCount), at: Self.blockCountOffset)
        put(Self.firstEpoch, at: Self.epochOffset)
        bytes.replaceSubrange(Self.nonceOffset..<Self.nonceOffset + nonce.count, with: nonce)
        return bytes
    }
}
