internal import SluiceNative

/// What is said to the person who waits.
enum Console {
    /// A result on standard output; one that can't be written is an error.
    static func print(_ text: String) throws {
        try File.standardOutput.write(Array("\(text)\n".utf8).span)
    }

    /// A line on standard error, which a report on standard output isn't mixed with.
    static func note(_ text: String) {
        // What can't be said is no reason to fail.
        try? File.standardError.write(Array("\(text)\n".utf8).span)
    }
}
