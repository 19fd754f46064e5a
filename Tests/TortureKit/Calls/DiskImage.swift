internal import Foundation
internal import SluiceNative

/// A directory with everything below it, as one could find it on a disk.
struct DiskImage {
    struct ImageFile {
        /// Relative to the directory.
        let path: String
        /// Two names of one file have the same number.
        let inode: Int
        let bytes: [UInt8]
    }

    /// Their paths relative to the directory, each after the one that it is in.
    var directories: [String] = []
    /// In the order of their paths.
    var files: [ImageFile] = []

    /// Nothing.
    init() {}

    /// What is below a directory now.
    init(ofDirectory path: String) throws {
        let names = FileManager.default.enumerator(atPath: path)?.compactMap { $0 as? String } ?? []
        for name in names.sorted() {
            let status = try FileSystem.status("\(path)/\(name)", followLinks: false)
            switch status.kind {
            case .directory: directories.append(name)
            case .regular:
                let bytes = [UInt8](
                    try Data(contentsOf: URL(fileURLWithPath: "\(path)/\(name)")))
                files.append(ImageFile(path: name, inode: Int(status.inode), bytes: bytes))
            default: preconditionFailure("\(name) is neither a file nor a directory")
            }
        }
    }

    /// Whether a file's bytes mean nothing after a crash, or are changed without a call: SQLite's index of
    /// its log, the barrier of the vaults, and the note of which file that is, the log of operations.
    static func isUncertain(_ path: String) -> Bool {
        path.hasSuffix("-shm") || path.hasSuffix("/barrier") || path.hasSuffix("/barrier.nonce")
            || isLog(path)
    }

    static func isLog(_ path: String) -> Bool { path.contains("/operations.log") }

    /// The paths of the files that are blobs.
    var blobs: [String] { files.map(\.path).filter { $0.contains("/blobs/") } }

    /// The image with other bytes where a crash may leave any: rubbish in SQLite's index of its log, and a
    /// barrier in which a change of access had begun.
    func withRubbish() -> DiskImage {
        var image = self
        image.files = files.map { file in
            var bytes = file.bytes
            if file.path.hasSuffix("-shm") {
                for place in stride(from: 0, to: bytes.count, by: 7) { bytes[place] ^= 0x5A }
            }
            // The lowest byte of the epoch.
            if file.path.hasSuffix("/barrier"), bytes.count > 64 { bytes[64] |= 1 }
            return ImageFile(path: file.path, inode: file.inode, bytes: bytes)
        }
        return image
    }

    /// Tells images apart by what counts.
    func digest(_ library: CryptoLibrary) throws -> [UInt8] {
        var stream = try SHA256Stream(library)
        for path in directories { try stream.update(Array("\(path)/\0".utf8).span) }
        for file in files where !Self.isUncertain(file.path) {
            try stream.update(Array("\(file.path)\0\(file.bytes.count)\0".utf8).span)
            try stream.update(file.bytes.span)
        }
        let digest = try stream.finish()
        return digest.indices.map { digest[$0] }
    }
}
