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
        let text: SecretBytes?
        do throws(SystemError) {
            text = try SecretFile(path: path).read(byteCountLimit: Self.byteCountLimit)
        } catch {
            throw VaultError(
                .passphraseRequired, "can't read the passphrase from '\(path)': \(error.reason)")
        }
        guard let text, let line = Self.firstLine(of: text) else {
            throw VaultError(
                .passphraseRequired,
                "'\(path)' holds no passphrase: its first line is empty, or it is longer than "
                    + "\(Self.byteCountLimit) bytes")
        }
        return line
    }

    private static func firstLine(of text: borrowing SecretBytes) -> SecretBytes? {
        text.withBytes { bytes in
            let newline = bytes.indices.first { bytes[$0] == UInt8(ascii: "\n") }
            let line = bytes.extracting(first: newline ?? bytes.count)
            return line.isEmpty ? nil : SecretBytes(copying: line)
        }
    }

    private static let byteCountLimit = 4095
}
