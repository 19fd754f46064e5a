internal import Foundation
internal import SluiceNative

/// What a run's processes tell each other, in a file that all of them map.
final class Board: Sendable {
    private let memory: SharedMemory
    private let parent = getppid()

    private static let isAllowedOffset = 0
    private static let isOverOffset = 64
    private static let readCountOffset = 128
    private static let flipCountOffset = 192

    /// Opens the file, made first if there is none, with access.
    init(directoryPath: String) throws(SystemError) {
        let file = try Directory.open(directoryPath).openOrCreateFile("board")
        if try file.status().byteCount == 0 {
            var bytes = [UInt8](repeating: 0, count: 4096)
            bytes[Self.isAllowedOffset] = 1
            try file.write(bytes.span, at: 0)
        }
        memory = try SharedMemory(file, byteCount: 4096)
    }

    /// Whether a toy's access is allowed.
    var isAllowed: Bool {
        get { memory.load64(at: Self.isAllowedOffset) == 1 }
        set { memory.store64(newValue ? 1 : 0, at: Self.isAllowedOffset) }
    }

    /// Whether the readers shall end; also if whoever started this process is no more.
    var isOver: Bool {
        get { memory.load64(at: Self.isOverOffset) == 1 || getppid() != parent }
        set { memory.store64(newValue ? 1 : 0, at: Self.isOverOffset) }
    }

    /// How often anybody read, modulo 2^32.
    var readCount: UInt32 { memory.load32(at: Self.readCountOffset) }

    func countRead() { memory.increment32(at: Self.readCountOffset) }

    /// How often a revoker that is to be killed has changed access, modulo 2^32.
    var flipCount: UInt32 { memory.load32(at: Self.flipCountOffset) }

    func countFlip() { memory.increment32(at: Self.flipCountOffset) }
}
