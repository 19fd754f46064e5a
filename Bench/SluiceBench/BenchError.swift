/// Why something can't be measured; the text says what to do.
enum BenchError: Error, CustomStringConvertible {
    case interrupted
    case badPattern(String)
    case noManifest
    case badManifest(path: String, reason: String)
    case checksumDiffers(name: String, found: String)
    case notEnoughSpace(path: String, neededByteCount: Int)
    case notOwned(path: String)
    case noProgram(String)
    case noSluice(path: String)
    case programFailed(command: String, exitCode: Int32, message: String)
    case notSetUp
    case tooFast(String)

    var description: String {
        switch self {
        case .interrupted: "interrupted"
        case .badPattern(let text): "--filter '\(text)' is not a regular expression"
        case .noManifest:
            "there is no Data/corpus.json here: run it in the checkout, or give --corpus FILE"
        case .badManifest(let path, let reason): "'\(path)' is not a corpus manifest: \(reason)"
        case .checksumDiffers(let name, let found):
            "'\(name)' was generated with XXH64 \(found), which isn't the manifest's"
        case .notEnoughSpace(let path, let needed):
            "'\(path)' needs \(FigureText.size(needed)) of free space: give another --directory"
        case .notOwned(let path):
            "'\(path)' belongs to somebody else: give another --directory"
        case .noProgram(let name): "there is no '\(name)' on the PATH"
        case .noSluice(let path):
            "there is no sluice command at '\(path)': build it, or give --sluice FILE"
        case .programFailed(let command, let exitCode, let message):
            "'\(command)' ended with \(exitCode): \(message)"
        case .notSetUp: "a workload was run before it was set up"
        case .tooFast(let what): "\(what) ended before it could be observed"
        }
    }
}
