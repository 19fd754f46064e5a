internal import BenchKit

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
    case neverEnded(String)
    case noCells(filter: String)
    case noSuchCell(String)
    case notABench(command: String, answer: String)
    case notAReport(path: String, reason: String)
    case readBackDiffers(peer: String, file: String)
    case badSize(String)
    case emptyPath(String)
    case unreadable(path: String, reason: String)
    case noPlaceForReport(path: String, reason: String)
    case wouldReplaceBaseline(path: String)
    case notUTF8
    case noSuchCommand(String, all: [String])

    var description: String {
        switch self {
        case .interrupted: "interrupted"
        case .badPattern(let text):
            "--filter '\(text)' is not a regular expression: see sluice-bench list for the names that it is "
                + "to match"
        case .noManifest:
            "there is no Data/corpus.json here: run it in the checkout, or give --corpus FILE"
        case .badManifest(let path, let reason):
            "'\(path)' is not a corpus manifest, for \(reason): restore it, or give another --corpus"
        case .checksumDiffers(let name, let found):
            "'\(name)' was generated with XXH64 \(found), which isn't the manifest's: give the --corpus that this "
                + "version was measured with"
        case .notEnoughSpace(let path, let needed):
            "'\(path)' needs \(Figures.size(needed)) of free space: give another --directory"
        case .notOwned(let path):
            "'\(path)' belongs to somebody else: give another --directory"
        case .noProgram(let name):
            "there is no '\(name)' on the PATH: install it, or leave out with --filter what needs it"
        case .noSluice(let path):
            "there is no sluice command at '\(path)': build it, or give --sluice FILE"
        case .programFailed(let command, let exitCode, let message):
            "'\(command)' ended with \(exitCode): \(message)"
        case .notSetUp: "a workload was run before it was set up"
        case .noCells(let filter):
            "no cell's name matches --filter '\(filter)': see sluice-bench list"
        case .noSuchCell(let name): "there is no cell '\(name)': see sluice-bench list"
        case .notABench(let command, let answer):
            "'\(command)' doesn't answer as a sluice-bench of this version does, but with '\(answer)': have it be "
                + "built of this checkout"
        case .notAReport(let path, let reason):
            "'\(path)' can't be used: \(reason); record one with sluice-bench run"
        case .readBackDiffers(let peer, let file):
            "\(peer) brought '\(file)' back with other bytes than were put, or not at all: see whether it does "
                + "so by itself, before it is measured"
        case .badSize(let text):
            "'\(text)' isn't a size: give 1 to 1024 of KiB, MiB or GiB, as 64MiB"
        case .emptyPath(let option): "\(option) is empty: name a directory, or leave it out"
        case .unreadable(let path, let reason): "can't read '\(path)': \(reason)"
        case .noPlaceForReport(let path, let reason):
            "can't write a report to '\(path)': \(reason); give another --output"
        case .wouldReplaceBaseline(let path):
            "the report would take the place of the baseline '\(path)': give another --output"
        case .notUTF8:
            "an argument is not UTF-8, and names something else then: rename what it names"
        case .noSuchCommand(let name, let all):
            "there is no command 'sluice-bench \(name)'; there are \(all.joined(separator: ", "))"
        case .tooFast(let what):
            "\(what) ended before it could be observed: measure again with larger input"
        case .neverEnded(let what):
            "\(what) didn't come to its end: measure again when the machine is less busy"
        }
    }
}
