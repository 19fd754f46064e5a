internal import ArgumentParser
internal import Sluice
internal import SluiceNative

/// `--provided-key`: a key that an object is sealed with besides the store's own.
struct ProvidedKeyOption: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "A file with a key of 32 bytes that it is sealed with, too; the store keeps none of it.",
            valueName: "file"),
        completion: .file())
    var providedKey: String?

    /// The key, if one is named.
    func key() throws(StoreError) -> ProvidedKey? {
        guard let path = providedKey else { return nil }
        let bytes: SecretBytes?
        do throws(SystemError) {
            bytes = try SecretFile(path: path).read(byteCountLimit: ProvidedKey.byteCount)
        } catch {
            throw StoreError(
                .inputOutput, "can't read the key in '\(path)': \(error.fullReason)",
                about: .file(path), remedies: error.remedies, cause: error)
        }
        guard let bytes, bytes.byteCount == ProvidedKey.byteCount else {
            throw StoreError(
                .invalidArgument,
                "'\(path)' holds no key: it is to have \(ProvidedKey.byteCount) bytes, and nothing else",
                about: .file(path),
                remedies: [
                    .other(
                        "make one, and keep it: `head -c 32 /dev/urandom > FILE; chmod 600 FILE`")
                ])
        }
        return bytes.withBytes { ProvidedKey($0) }
    }

    /// What is asked of an object that is read.
    func condition() throws(StoreError) -> Condition {
        try key().map { .sealed(with: $0) } ?? .always
    }
}
