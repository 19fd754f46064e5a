internal import SluiceNative

/// A file with a secret in it, open; a pipe will do.
struct SecretFile {
    private let file: File
    /// Whether others than this user, and root, own it or may do anything with it. Never of a pipe.
    let isExposed: Bool

    /// Opens the file at `path`.
    init(path: String) throws(SystemError) {
        file = try File.open(path, .read)
        let status = try file.status()
        let isOwn = status.ownerID == Environment.userID || status.ownerID == 0
        isExposed = status.kind == .regular && (!isOwn || status.mode & 0o077 != 0)
    }

    /// The file's bytes; nil if there are more than `byteCountLimit`.
    func read(byteCountLimit: Int) throws(SystemError) -> SecretBytes? {
        var text = SecretBytes(byteCount: byteCountLimit + 1)
        let byteCount = try text.withMutableBytes { bytes throws(SystemError) in
            try file.read(into: &bytes)
        }
        guard byteCount <= byteCountLimit else { return nil }
        return text.withBytes { SecretBytes(copying: $0.extracting(first: byteCount)) }
    }
}
