internal import BenchKit
internal import SluiceNative
internal import Synchronization

/// The files that peers put and get: made when first asked for, and known by their checksums.
final class PeerFiles: Sendable {
    /// What they are called in the names of cells.
    let name: String
    /// How many bytes there are in all.
    var byteCount: Int { count * fileByteCount }
    /// The directory that they are in.
    let directory: String
    private let pattern: DataPattern
    private let count: Int
    private let fileByteCount: Int
    private let seed: UInt64
    private let checksums = Mutex<[String: String]>([:])

    init(
        _ pattern: DataPattern, count: Int, fileByteCount: Int, _ conditions: Conditions
    ) {
        let size = Figures.size(fileByteCount)
        name = count == 1 ? "\(size)-\(pattern.rawValue)" : "\(count)-files-of-\(size)"
        directory = conditions.path("files-\(name)")
        self.pattern = pattern
        self.count = count
        self.fileByteCount = fileByteCount
        seed = conditions.seed
    }

    /// Makes the files at the first call.
    func makeOnce() throws {
        try checksums.withLock { checksums in
            guard checksums.isEmpty else { return }
            try FileSystem.makeDirectories(directory)
            for index in 0..<count {
                let path = "\(directory)/file-\(index)"
                try GeneratedFile.write(
                    pattern, seed: seed &+ UInt64(index), byteCount: fileByteCount, at: path)
                checksums["file-\(index)"] = try GeneratedFile.checksum(of: path)
            }
        }
    }

    /// Throws unless the files of a directory are these, byte for byte.
    func check(_ path: String, from peer: String) throws {
        for (name, checksum) in checksums.withLock({ $0 }) {
            let file = "\(path)/\(name)"
            guard try FileSystem.exists(file), try GeneratedFile.checksum(of: file) == checksum
            else { throw BenchError.readBackDiffers(peer: peer, file: name) }
        }
    }
}
