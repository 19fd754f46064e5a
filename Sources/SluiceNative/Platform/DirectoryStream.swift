internal import CLinux
internal import Glibc

/// The entries of one directory, read from the system as they are asked for; for one thread.
@safe
final class DirectoryStream {
    struct Entry {
        let name: FileName
        /// Nil where the file system doesn't say.
        let kind: FileStatus.Kind?
    }

    private let path: String
    private let stream: OpaquePointer

    /// Opens the directory once more, so that other readers of it keep their positions.
    init(_ directory: Directory) throws(SystemError) {
        path = directory.path
        let descriptor = try openDescriptor(
            at: directory.descriptor, cString("."), flags: O_RDONLY | O_DIRECTORY,
            path: directory.path)
        guard let stream = unsafe fdopendir(descriptor) else {
            let number = errno
            _ = close(descriptor)
            throw SystemError(call: "fdopendir", path: directory.path, number: number)
        }
        unsafe self.stream = stream
    }

    deinit { _ = unsafe closedir(stream) }

    /// The next entry but `.` and `..`, in no order; nil after the last.
    func next() throws(SystemError) -> Entry? {
        while true {
            // The end and an error look alike but for this.
            errno = 0
            guard let record = unsafe readdir(stream) else {
                let number = errno
                guard number == 0 else {
                    throw SystemError(call: "readdir", path: path, number: number)
                }
                return nil
            }
            let name = unsafe FileName(cString: Self.name(of: record))
            if name.cString == [0x2E, 0] || name.cString == [0x2E, 0x2E, 0] { continue }
            let type = unsafe Int(record.pointee.d_type)
            return Entry(name: name, kind: FileStatus.Kind(directoryEntryType: type))
        }
    }

    /// Copies the name out in place: the record is shorter than its type says.
    private static func name(of record: UnsafeMutablePointer<dirent>) -> [CChar] {
        unsafe withUnsafeBytes(of: &record.pointee.d_name) { bytes in
            let length = unsafe bytes.prefix { $0 != 0 }.count
            return unsafe bytes.prefix(length).map { CChar(bitPattern: $0) } + [0]
        }
    }
}
