/// What of a compiler's command line the code that it makes depends on.
enum CompileFlags {
    /// Options that hand the word behind them to another program.
    private static let introducers: Set<Substring> = [
        "-Xcc", "-Xclang-linker", "-Xfrontend", "-Xlinker", "-Xllvm",
    ]

    /// Options that say how the compiler works, what it writes besides code, what it warns of, or what
    /// the checkout's directory is called.
    private static let withoutEffect: Set<Substring> = [
        "-color-diagnostics", "-emit-dependencies", "-emit-module", "-emit-objc-header",
        "-enable-batch-mode", "-g", "-incremental", "-num-threads", "-package-name",
        "-parseable-output", "-serialize-diagnostics", "-strict-memory-safety",
        "-warnings-as-errors",
    ]

    /// A word, and the option that hands it on.
    private struct Word {
        var introducer: Substring?
        var text: Substring
    }

    /// The arguments without options that don't change the code, and without those that have paths.
    static func affectingCode(in arguments: [Substring]) -> [Substring] {
        options(of: words(of: arguments)).filter { affectsCode($0) }.joined().flatMap { word in
            [word.introducer, word.text].compactMap { $0 }
        }
    }

    private static func words(of arguments: [Substring]) -> [Word] {
        var words: [Word] = []
        var rest = arguments[...]
        while let argument = rest.popFirst() {
            if !introducers.contains(argument) {
                words.append(Word(text: argument))
            } else if let text = rest.popFirst() {
                words.append(Word(introducer: argument, text: text))
            }
        }
        return words
    }

    /// Each option with the values behind it, which are handed on as it is.
    private static func options(of words: [Word]) -> [[Word]] {
        var options: [[Word]] = []
        for word in words {
            if !word.text.hasPrefix("-"), let last = options.indices.last,
                options[last].first?.introducer == word.introducer
            {
                options[last].append(word)
            } else {
                options.append([word])
            }
        }
        return options
    }

    private static func affectsCode(_ option: [Word]) -> Bool {
        guard let name = option.first?.text, !option.contains(where: { $0.text.contains("/") })
        else { return false }
        let isJobCount = name.hasPrefix("-j") && name.dropFirst(2).allSatisfy(\.isNumber)
        return !withoutEffect.contains(name) && !isJobCount
    }
}
