internal import CLinux
internal import Glibc

/// The extended attributes of an open file or directory, or of a symbolic link in a directory, which has them itself.
///
/// Names are bytes without NUL, with their namespace (`user.`, `security.`). What the file system keeps of them is
/// the caller's to read and to set as it likes: what is refused is a `SystemError`. For several threads at once.
public struct ExtendedAttributes: Sendable {
    /// What has them. It keeps the descriptor open.
    private enum Place {
        case file(File)
        case directory(Directory)
        /// The system has no call for what is in a directory: it is led there by way of the open directory.
        case link(Directory, [CChar])
    }

    private let place: Place
    /// What has them, for messages.
    public let path: String?

    /// Those of an open file.
    public init(of file: File) {
        place = .file(file)
        path = file.path
    }

    /// Those of an open directory.
    public init(of directory: Directory) {
        place = .directory(directory)
        path = directory.path
    }

    /// Those of a symbolic link, or whatever has this name in a directory.
    public init(of name: String, in directory: Directory) throws(SystemError) {
        self.init(of: try FileName(name), in: directory)
    }

    init(of name: FileName, in directory: Directory) {
        let above = "/proc/self/fd/\(directory.descriptor)/".utf8.map { CChar(bitPattern: $0) }
        place = .link(directory, above + name.cString)
        path = directory.path(of: name)
    }

    /// All that this process may read; none where the file system keeps none.
    public func all() throws(SystemError) -> [[UInt8]: [UInt8]] {
        var attributes: [[UInt8]: [UInt8]] = [:]
        for name in try names() {
            // One that has gone since then is none.
            if let value = try value(of: name) { attributes[name] = value }
        }
        return attributes
    }

    /// The names of them.
    public func names() throws(SystemError) -> [[UInt8]] {
        do throws(SystemError) {
            return try grown("listxattr") { buffer in list(&buffer) }
                .split(separator: 0).map(Array.init)
        } catch {
            guard error.number == EOPNOTSUPP || error.number == ENOSYS else { throw error }
            return []
        }
    }

    /// The value of one; nil if there is none by this name.
    public func value(of name: [UInt8]) throws(SystemError) -> [UInt8]? {
        let name = try Self.cString(name, path)
        do throws(SystemError) {
            return try grown("getxattr") { buffer in get(name, &buffer) }
        } catch {
            guard error.number == ENODATA else { throw error }
            return nil
        }
    }

    /// Sets one, in place of what it was.
    public func set(_ name: [UInt8], to value: [UInt8]) throws(SystemError) {
        let name = try Self.cString(name, path)
        _ = try systemCall("setxattr", path: path) {
            switch place {
            case .file(let file):
                unsafe fsetxattr(file.descriptor, name, value, value.count, 0)
            case .directory(let directory):
                unsafe fsetxattr(directory.descriptor, name, value, value.count, 0)
            case .link(_, let path): unsafe lsetxattr(path, name, value, value.count, 0)
            }
        }
    }

    /// Removes one.
    public func remove(_ name: [UInt8]) throws(SystemError) {
        let name = try Self.cString(name, path)
        _ = try systemCall("removexattr", path: path) {
            switch place {
            case .file(let file): unsafe fremovexattr(file.descriptor, name)
            case .directory(let directory): unsafe fremovexattr(directory.descriptor, name)
            case .link(_, let path): unsafe lremovexattr(path, name)
            }
        }
    }

    // MARK: Calls

    private func list(_ buffer: inout [UInt8]) -> Int {
        unsafe buffer.withUnsafeMutableBytes { bytes in
            let start = unsafe bytes.assumingMemoryBound(to: CChar.self).baseAddress
            return switch place {
            case .file(let file): unsafe flistxattr(file.descriptor, start, bytes.count)
            case .directory(let directory):
                unsafe flistxattr(directory.descriptor, start, bytes.count)
            case .link(_, let path): unsafe llistxattr(path, start, bytes.count)
            }
        }
    }

    private func get(_ name: [CChar], _ buffer: inout [UInt8]) -> Int {
        switch place {
        case .file(let file): unsafe fgetxattr(file.descriptor, name, &buffer, buffer.count)
        case .directory(let directory):
            unsafe fgetxattr(directory.descriptor, name, &buffer, buffer.count)
        case .link(_, let path): unsafe lgetxattr(path, name, &buffer, buffer.count)
        }
    }

    /// The largest list of names, and the largest value, that the system gives.
    private static let largestByteCount = 65_536

    /// What a call gives, which is made again with more room while it has too little.
    private func grown(
        _ call: String, _ body: (inout [UInt8]) -> Int
    ) throws(SystemError) -> [UInt8] {
        var buffer = [UInt8](repeating: 0, count: 1024)
        while true {
            do throws(SystemError) {
                let count = try systemCall(call, path: path) { body(&buffer) }
                return Array(buffer[..<count])
            } catch {
                guard error.number == ERANGE, buffer.count < Self.largestByteCount else {
                    throw error
                }
                buffer = [UInt8](repeating: 0, count: Self.largestByteCount)
            }
        }
    }

    private static func cString(_ name: [UInt8], _ path: String?) throws(SystemError) -> [CChar] {
        guard !name.contains(0) else {
            throw SystemError(call: "setxattr", path: path, number: EINVAL)
        }
        return name.map { CChar(bitPattern: $0) } + [0]
    }
}

extension TreeEntry {
    /// The extended attributes of what was found: of a directory, and of a symbolic link itself.
    public var attributes: ExtendedAttributes {
        kind == .directory
            ? ExtendedAttributes(of: directory) : ExtendedAttributes(of: name, in: directory)
    }
}
