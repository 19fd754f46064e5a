internal import Sluice
internal import SluiceNative

/// The command line as text.
enum ArgumentText {
    /// Refuses arguments that are not UTF-8, which Swift repairs: what they name would be another
    /// file, or another object.
    static func requireUTF8(_ arguments: [String]) throws(Failure) {
        let replacement: Unicode.Scalar = "\u{FFFD}"
        let mayBeRepaired = arguments.contains { $0.unicodeScalars.contains(replacement) }
        guard mayBeRepaired else { return }
        guard let raw = rawArguments(), String(validating: raw, as: UTF8.self) == nil else {
            return
        }
        throw Failure(
            .invalidName,
            "an argument is not UTF-8, and names are: put such a file with "
                + "`sluice put - --as NAME < FILE`")
    }

    /// The bytes of the arguments, separated by NUL; nil where the system doesn't tell.
    private static func rawArguments() -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: longestByteCount)
        do throws(SystemError) {
            var span = bytes.mutableSpan
            let file = try File.open("/proc/self/cmdline", .read)
            let byteCount = try file.read(into: &span)
            return Array(bytes.prefix(byteCount))
        } catch {
            return nil
        }
    }

    /// More than Linux takes for the arguments of a process, unless its stack limit was raised.
    private static let longestByteCount = 4 << 20
}
