internal import SluiceNative

/// A file with a secret in it; a pipe will do.
struct SecretFile {
    let path: String

    /// The file's bytes; nil if there are more than `byteCountLimit`.
    func read(byteCountLimit: Int) throws(SystemError) -> SecretBytes? {
        var text = SecretBytes(byteCount: byteCountLimit + 1)
        let file = try File.open(path, .read)
        let byteCount = try text.withMutableBytes { bytes throws(SystemError) in
            try file.read(into: &bytes)
        }
        guard byteCount <= byteCountLimit else { return nil }
        return text.withBytes { SecretBytes(copying: $0.extracting(first: byteCount)) }
    }
}
