internal import FoundationEssentials
internal import Sluice
internal import SluiceNative

/// Where a command's results go: standard output, as text for people or JSON for programs.
struct Output: Sendable {
    let isJSON: Bool

    /// Prints a result in the way that was asked for.
    func print(_ document: some Encodable, text: @autoclosure () -> String) throws(Failure) {
        try write(made(document, text: text()))
    }

    /// Prints a result that holds names of some scopes' objects, likewise.
    func print(
        _ document: some Encodable, text: @autoclosure () -> String, namesOf scopes: [ScopeName],
        in store: Store
    ) throws {
        try write(made(document, text: text()), namesOf: scopes, in: store)
    }

    private func made(_ document: some Encodable, text: @autoclosure () -> String) -> String {
        isJSON ? JSONText.pretty(document) + "\n" : text()
    }

    /// Writes text as it is.
    func write(_ text: String) throws(Failure) {
        do throws(SystemError) {
            try File.standardOutput.write(Array(text.utf8).span)
        } catch {
            throw Self.failure(error)
        }
    }

    /// Writes text with names of some scopes' objects, none of it once access to them was taken away; text
    /// without any as it is.
    func write(_ text: String, namesOf scopes: [ScopeName], in store: Store) throws {
        guard !scopes.isEmpty else { return try write(text) }
        do throws(StoreError) {
            try store.write(Array(text.utf8).span, namesOf: scopes)
        } catch {
            guard let cause = error.cause as? SystemError else { throw error }
            throw Self.failure(cause)
        }
    }

    private static func failure(_ error: SystemError) -> Failure {
        // Whoever closed a pipe knows.
        guard !error.isBrokenPipe else { return Failure(error) }
        return Failure(.inputOutput, "can't write to standard output: \(error.reason)")
    }

    /// A name as it may be shown, without what would steer a terminal or forge a line. Programs that
    /// want it as it is ask for JSON.
    func shown(_ text: String) -> String { PrintableText.escaped(text) }
}

/// Documents as JSON.
enum JSONText {
    /// With line breaks, for a document by itself.
    static func pretty(_ document: some Encodable) -> String {
        encode(document, [.sortedKeys, .withoutEscapingSlashes, .prettyPrinted])
    }

    /// On a line, for one of many.
    static func compact(_ document: some Encodable) -> String {
        encode(document, [.sortedKeys, .withoutEscapingSlashes])
    }

    private static func encode(
        _ document: some Encodable, _ formatting: JSONEncoder.OutputFormatting
    ) -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = formatting
        do {
            return String(decoding: try encoder.encode(document), as: UTF8.self)
        } catch {
            preconditionFailure("a document of strings and numbers can't be encoded: \(error)")
        }
    }
}
