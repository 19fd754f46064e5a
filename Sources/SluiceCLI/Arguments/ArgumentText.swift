internal import Sluice
internal import SluiceNative

/// The command line as text.
enum ArgumentText {
    /// Refuses arguments that are not UTF-8, which Swift repairs: what they name would be another
    /// file, or another object.
    static func requireUTF8() throws(Failure) {
        guard Environment.argumentsAreUTF8() else {
            throw Failure(
                .invalidName, "an argument is not UTF-8, as names are",
                remedies: [
                    .other("put such a file with `sluice put - --as NAME < FILE`"),
                    .other("get one with `sluice get NAME > FILE`"),
                    .other("go into such a directory with `cd` first"),
                ])
        }
    }
}
