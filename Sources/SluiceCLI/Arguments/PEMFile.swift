internal import Sluice
internal import SluiceNative

/// A file that holds a private key in PEM; a pipe will do.
struct PEMFile {
    let path: String

    /// The file's bytes.
    func read() throws(Failure) -> SecretBytes {
        var text = SecretBytes(byteCount: Self.longestByteCount + 1)
        let byteCount: Int
        do throws(SystemError) {
            let file = try File.open(path, .read)
            byteCount = try text.withMutableBytes { bytes throws(SystemError) in
                try file.read(into: &bytes)
            }
        } catch {
            throw Failure(error)
        }
        guard byteCount <= Self.longestByteCount else {
            throw Failure(.invalidArgument, "'\(path)' is too long for a key in PEM")
        }
        return text.withBytes { SecretBytes(copying: $0.extracting(first: byteCount)) }
    }

    private static let longestByteCount = 65_535
}
