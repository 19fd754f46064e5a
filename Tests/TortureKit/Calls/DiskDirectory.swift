internal import Foundation
internal import SluiceAccess
internal import SluiceNative
internal import SluiceVault

/// A real directory that is made to hold one image after another.
///
/// What the images have in common, the hundreds of directories for blobs above all, stays.
final class DiskDirectory {
    let path: String
    private var directories: [String] = []
    /// Those in which files may have been made that no image has: a recovery makes no blobs.
    private var tended: [(path: String, directories: Set<String>)] = []
    private var files: [String] = []

    /// Makes the directory, or empties it.
    init(path: String) throws {
        self.path = path
        try clear()
    }

    private func clear() throws {
        if try FileSystem.exists(path) { try FileSystem.remove(tree: path) }
        try FileSystem.makeDirectories(path)
        directories = []
        files = []
    }

    /// Makes the directory hold an image and nothing else; `afresh` if directories or blobs may have been
    /// made in it since the last one.
    func hold(_ image: DiskImage, afresh: Bool = false) throws {
        if !afresh, directories == image.directories {
            try removeFiles()
        } else {
            try clear()
            for name in image.directories { try FileSystem.makeDirectories("\(path)/\(name)") }
            directories = image.directories
            let others = directories.filter { !$0.hasSuffix("/blobs") && !$0.contains("/blobs/") }
            tended = others.map { name in
                (name, Set(directories.filter { $0.hasPrefix("\(name)/") }))
            }
        }
        var names: [Int: String] = [:]
        for file in image.files {
            if let first = names[file.inode] {
                try FileManager.default.linkItem(
                    atPath: "\(path)/\(first)", toPath: "\(path)/\(file.path)")
            } else {
                let made = try File.createExclusively("\(path)/\(file.path)")
                try made.write(file.bytes.span, at: 0)
                names[file.inode] = file.path
            }
        }
        files = image.files.map(\.path)
        adoptBarriers(image)
    }

    /// After a crash the barrier is the file that it was: here it is another, and its note is put right. One
    /// that a crash has spoilt stays as it is.
    private func adoptBarriers(_ image: DiskImage) {
        for file in image.files where file.path.hasSuffix("/barrier") {
            let vaults = file.path.dropLast("/barrier".count)
            _ = try? ReadBarrier.adopt(directoryPath: "\(path)/\(vaults)", isQuiet: true)
        }
    }

    /// The paths of all blobs that the store has; they go with the next image.
    func findBlobs() -> [String] {
        let directory = "home/store/blobs"
        let names = FileManager.default.enumerator(atPath: "\(path)/\(directory)")
        let blobs = (names?.compactMap { $0 as? String } ?? [])
            .filter { $0.utf8.count > 32 }.map { "\(directory)/\($0)" }
        files = Array(Set(files).union(blobs))
        return blobs
    }

    /// Removes what the image before had, and what was made since.
    private func removeFiles() throws {
        for (name, inside) in tended {
            let found = try FileManager.default.contentsOfDirectory(atPath: "\(path)/\(name)")
            for file in found where !inside.contains("\(name)/\(file)") {
                try FileSystem.remove(tree: "\(path)/\(name)/\(file)")
            }
        }
        for name in files where name.contains("/blobs/") {
            let file = "\(path)/\(name)"
            if try FileSystem.exists(file) { try FileSystem.remove(tree: file) }
        }
    }
}
