internal import SluiceNative
internal import SluiceVault

/// A vault that is one word in a file: whether access is allowed. Beside it, what a run's processes tell
/// each other.
final class ToyVault: GrantAuthority {
    private let memory: SharedMemory

    static let isAllowedOffset = 0
    static let isOverOffset = 64
    static let releaseCountOffset = 128

    /// Opens the file, made first if there is none, with access.
    init(directoryPath: String) throws {
        let file = try Directory.open(directoryPath).openOrCreateFile("toy")
        if try file.status().byteCount == 0 {
            var bytes = [UInt8](repeating: 0, count: 4096)
            bytes[Self.isAllowedOffset] = 1
            try file.write(bytes.span, at: 0)
        }
        memory = try SharedMemory(file, byteCount: 4096)
    }

    var isAllowed: Bool {
        get { memory.load64(at: Self.isAllowedOffset) == 1 }
        set { memory.store64(newValue ? 1 : 0, at: Self.isAllowedOffset) }
    }

    /// Whether the readers shall end.
    var isOver: Bool {
        get { memory.load64(at: Self.isOverOffset) == 1 }
        set { memory.store64(newValue ? 1 : 0, at: Self.isOverOffset) }
    }

    /// How often anybody released anything, modulo 2^32.
    var releaseCount: UInt32 { memory.load32(at: Self.releaseCountOffset) }

    func countRelease() { memory.increment32(at: Self.releaseCountOffset) }

    func renew(_ grant: inout Grant) throws(VaultError) {
        guard isAllowed else { throw VaultError(.accessDenied, "revoked") }
    }

    /// A passage that was never granted.
    static func passage() throws(VaultError) -> Passage {
        Passage(
            Grant(
                key: try KeyIdentifier(vault: "toy", name: "key"), identity: .owner,
                operation: .unwrapKey, epoch: 0))
    }
}
