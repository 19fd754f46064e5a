internal import SluiceNative

/// Where a command's errors go: standard error, as `sluice: MESSAGE` or as JSON.
struct ErrorOutput: Sendable {
    let isJSON: Bool

    private let advice: Advice

    init(isJSON: Bool, _ advice: Advice) {
        self.isJSON = isJSON
        self.advice = advice
    }

    private struct Document: Encodable {
        let error: ErrorDocument
    }

    /// Prints a failure, unless it is a quiet one.
    func report(_ failure: Failure) {
        guard !failure.isQuiet else { return }
        if isJSON {
            write(JSONText.compact(Document(error: ErrorDocument(failure, advice))))
        } else {
            let message = advice.message(failure.reason, failure.remedies)
            // A line break is the parser's, who shows the usage below, or a name's, to forge a line.
            write(
                PrintableText.escaped("sluice: \(message)", keepingLines: failure.code == "usage"))
        }
    }

    private func write(_ line: String) {
        let error = File.standardError
        let text = error.isTerminal ? PrintableText.escaped(line, keepingLines: true) : line
        // There is no other place to tell that this one is closed.
        try? error.write(Array((text + "\n").utf8).span)
    }
}
