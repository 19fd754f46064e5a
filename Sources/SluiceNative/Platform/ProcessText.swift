internal import CLinux
internal import Glibc

/// What the kernel tells about machine and process in `/proc`: lines of `name: value`.
///
/// Read past `File`, so that looking at figures doesn't change `IOCounters`.
struct ProcessText {
    let lines: [Substring]

    /// Reads the first MiB; a file that can't be read has no lines.
    init(_ path: String) {
        var bytes: [UInt8] = []
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        if descriptor != -1 {
            defer { _ = close(descriptor) }
            var buffer = [UInt8](repeating: 0, count: 4096)
            while bytes.count < 1 << 20 {
                let count = unsafe read(descriptor, &buffer, buffer.count)
                if count <= 0 { break }
                bytes += buffer[..<count]
            }
        }
        lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n")
    }

    /// The first line; nil if there is none.
    var firstLine: String? { lines.first.map(String.init) }

    /// The value of the first line with one of these names, the earlier name first.
    func value(_ names: String...) -> String? {
        for name in names {
            for line in lines where line.hasPrefix(name) {
                let parts = line.split(separator: ":", maxSplits: 1)
                guard parts.count == 2, Self.trimmed(parts[0]) == name else { continue }
                return Self.trimmed(parts[1])
            }
        }
        return nil
    }

    private static func trimmed(_ text: Substring) -> String {
        text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    }
}
