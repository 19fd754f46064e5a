internal import SluiceNative

/// A file that a person has named, to be read whole.
enum InputFile {
    /// Its bytes; throws `BenchError.unreadable` if there are none to be had.
    static func bytes(at path: String) throws(BenchError) -> [UInt8] {
        var bytes: [UInt8] = []
        var part = [UInt8](repeating: 0, count: 1 << 20)
        do throws(SystemError) {
            let file = try File.open(path)
            while true {
                var span = part.mutableSpan
                let byteCount = try file.readSome(into: &span)
                if byteCount == 0 { return bytes }
                bytes += part[..<byteCount]
                if bytes.count > byteCountLimit { break }
            }
        } catch {
            throw BenchError.unreadable(path: path, reason: error.reason)
        }
        throw BenchError.unreadable(path: path, reason: "it is far too long")
    }

    /// More than any report or manifest has.
    private static let byteCountLimit = 256 << 20
}
