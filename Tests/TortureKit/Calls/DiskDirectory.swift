internal import Foundation
internal import SluiceNative

/// A real directory that is made to hold one image after another.
///
/// What the images have in common, the hundreds of directories for blobs above all, stays.
final class DiskDirectory {
    let path: String
    private var directories: [String] = []
    private var files: [String] = []

    /// Makes the directory, or empties it.
    init(path: String) throws {
        self.path = path
        try clear()
    }

    /// Empties it, whatever was made in it.
    func clear() throws {
        if try FileSystem.exists(path) { try FileSystem.remove(tree: path) }
        try FileSystem.makeDirectories(path)
        directories = []
        files = []
    }

    /// Makes the directory hold an image and nothing else.
    func hold(_ image: DiskImage) throws {
        if directories == image.directories {
            try removeFiles()
        } else {
            try clear()
            for name in image.directories { try FileSystem.makeDirectories("\(path)/\(name)") }
            directories = image.directories
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
    }

    /// Removes what the image before had, and what was made since: no blobs, if it was a recovery.
    private func removeFiles() throws {
        for name in directories where !name.contains("/blobs/") {
            let found = try FileManager.default.contentsOfDirectory(atPath: "\(path)/\(name)")
            for file in found where !directories.contains("\(name)/\(file)") {
                try FileSystem.remove(tree: "\(path)/\(name)/\(file)")
            }
        }
        for name in files where name.contains("/blobs/") {
            let file = "\(path)/\(name)"
            if try FileSystem.exists(file) { try FileSystem.remove(tree: file) }
        }
    }
}
