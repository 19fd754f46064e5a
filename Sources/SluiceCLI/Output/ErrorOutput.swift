internal import SluiceNative

/// Where a command's errors go: standard error, as `sluice: MESSAGE` or as JSON.
struct ErrorOutput: Sendable {
    let isJSON: Bool

    /// What went wrong, as `--json` prints it.
    struct Details: Encodable {
        let code: String
        let message: String
    }

    private struct Document: Encodable {
        let error: Details
    }

    /// Prints a failure, unless it is a quiet one.
    func report(_ failure: Failure) {
        guard !failure.isQuiet else { return }
        let details = Details(code: failure.code, message: failure.message)
        write(isJSON ? JSONText.compact(Document(error: details)) : "sluice: \(failure.message)")
    }

    private func write(_ line: String) {
        let error = File.standardError
        let text = error.isTerminal ? PrintableText.escaped(line, keepingLines: true) : line
        // There is no other place to tell that this one is closed.
        try? error.write(Array((text + "\n").utf8).span)
    }
}
