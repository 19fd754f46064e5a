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
        let file: SecretFile
        let bytes: SecretBytes?
        do throws(SystemError) {
            file = try SecretFile(path: path)
            bytes = try file.isExposed ? nil : file.read(byteCountLimit: ProvidedKey.byteCount)
        } catch {
            throw StoreError(
                .inputOutput, "can't read the key in '\(path)': \(error.fullReason)",
                about: .file(path), remedies: error.remedies, cause: error)
        }
        guard !file.isExposed else {
            throw StoreError(
                .invalidArgument, "others than you can use '\(path)', which holds a key",
                about: .file(path),
                remedies: [.other("make it yours"), .machine(.makePrivate(path))])
        }
        guard let bytes, bytes.byteCount == ProvidedKey.byteCount else {
            throw StoreError(
                .invalidArgument,
                "'\(path)' holds no key: it is to have \(ProvidedKey.byteCount) bytes as they are, and no digits or newline",
                about: .file(path),
                remedies: [
                    .other(
                        "give the file that the object was put with; for a new object make one, and keep it: "
                            + "`head -c 32 /dev/urandom > FILE; chmod 600 FILE`")
                ])
        }
        return bytes.withBytes { ProvidedKey($0) }
    }

    /// What is asked of an object that is read.
    func condition() throws(StoreError) -> Condition {
        try key().map { .sealed(with: $0) } ?? .always
    }
}
