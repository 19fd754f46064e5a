internal import Sluice
internal import SluiceNative

/// A file whose one line is a passphrase; a pipe will do.
struct PassphraseFile {
    let path: String

    /// The root key that the passphrase gives; the file is read when it is needed.
    var rootKey: RootKeySource {
        .passphrase { () throws(VaultError) in try read() }
    }

    private func read() throws(VaultError) -> SecretBytes {
        let file: SecretFile
        let text: SecretBytes?
        do throws(SystemError) {
            file = try SecretFile(path: path)
            text = try file.isExposed ? nil : file.read(byteCountLimit: Self.byteCountLimit)
        } catch {
            throw VaultError(
                .passphraseRequired,
                "can't read the passphrase from '\(path)': \(error.fullReason)",
                about: .file(path), remedies: error.remedies, cause: error)
        }
        guard !file.isExposed else {
            throw VaultError(
                .rootKeyExposed,
                "others than you can use '\(path)', which holds the passphrase, and with it every key in the "
                    + "vaults", about: .file(path),
                remedies: [.other("make it yours"), .machine(.makePrivate(path))])
        }
        guard let text else {
            throw refusal("it is longer than \(Self.byteCountLimit) bytes")
        }
        if let mistake = text.withBytes(Self.mistake) { throw refusal(mistake) }
        return text.withBytes { bytes in
            SecretBytes(copying: bytes.extracting(first: bytes.count - Self.endByteCount(bytes)))
        }
    }

    private func refusal(_ mistake: String) -> VaultError {
        VaultError(
            .passphraseRequired,
            "'\(path)' holds no passphrase: \(mistake)", about: .file(path),
            remedies: [
                .other("give one line of text in UTF-8, with or without a newline (LF) at its end")
            ])
    }

    // MARK: What a passphrase is

    private static let newline = UInt8(ascii: "\n")

    /// How long the newline at the end is.
    private static func endByteCount(_ bytes: Span<UInt8>) -> Int {
        !bytes.isEmpty && bytes[bytes.count - 1] == newline ? 1 : 0
    }

    /// What keeps a file's bytes from being one line of text; nil if nothing does. Of each it can't be told
    /// whether it is meant as part of the passphrase.
    private static func mistake(in bytes: Span<UInt8>) -> String? {
        let line = bytes.extracting(first: bytes.count - endByteCount(bytes))
        if line.isEmpty { return "it is empty" }
        if line.indices.contains(where: { line[$0] == newline }) {
            return "it has several lines"
        }
        if line.indices.contains(where: { line[$0] == UInt8(ascii: "\r") }) {
            return
                "it has a carriage return, as files of Windows have at the end of a line; `tr -d '\\r'` removes it"
        }
        if line.indices.contains(where: { line[$0] == 0 }) { return "it has a NUL byte" }
        if line.count >= 3, line[0] == 0xEF, line[1] == 0xBB, line[2] == 0xBF {
            return "it begins with a byte order mark; save it without"
        }
        do {
            _ = try UTF8Span(validating: line)
            return nil
        } catch {
            return "it is not UTF-8"
        }
    }

    private static let byteCountLimit = 4095
}
