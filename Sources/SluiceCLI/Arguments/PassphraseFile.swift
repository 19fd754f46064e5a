internal import Sluice
internal import SluiceNative

/// A file whose first line is a passphrase; a pipe will do.
struct PassphraseFile {
    let path: String

    /// The root key that the passphrase gives; the file is read when it is needed.
    var rootKey: RootKeySource {
        .passphrase { () throws(VaultError) in try read() }
    }

    private func read() throws(VaultError) -> SecretBytes {
        var text = SecretBytes(byteCount: Self.longestByteCount + 1)
        let byteCount: Int
        do throws(SystemError) {
            let file = try File.open(path, .read)
            byteCount = try text.withMutableBytes { bytes throws(SystemError) in
                try file.read(into: &bytes)
            }
        } catch {
            throw VaultError(
                .passphraseRequired, "can't read the passphrase from '\(path)': \(error.reason)")
        }
        let lineByteCount = text.withBytes { bytes in
            bytes.indices.prefix(byteCount).first { bytes[$0] == UInt8(ascii: "\n") } ?? byteCount
        }
        guard (1...Self.longestByteCount).contains(lineByteCount) else {
            throw VaultError(
                .passphraseRequired,
                "the first line of '\(path)' is no passphrase: it has 1 to "
                    + "\(Self.longestByteCount) bytes")
        }
        return text.withBytes { SecretBytes(copying: $0.extracting(first: lineByteCount)) }
    }

    private static let longestByteCount = 1024
}
