package import SluiceNative

/// The part of a home that is the service's and no secret: the authority's certificate, where its server listens, and who
/// uses that. For any thread.
package struct HomeDirectory: Sendable {
    /// The home.
    package let path: String

    /// The home at `path`, which is made if it isn't there.
    package init(_ path: String) throws(SystemError) {
        try FileSystem.makeDirectories("\(path)/service")
        self.path = try FileSystem.realPath(path)
    }

    /// Where the service's files are.
    package var service: String { "\(path)/service" }

    /// The certificate that clients trust (PEM).
    package var authorityPath: String { "\(service)/ca.pem" }

    /// The same, for Java.
    package var trustStorePath: String { "\(service)/ca.jks" }

    /// Puts a file, mode 0600, in the place of what is there.
    package func write(_ name: String, _ bytes: [UInt8]) throws(SystemError) {
        try Directory.openGuarded(service).replaceWhole(name, bytes.span)
    }

    /// The bytes of a file; nil if it isn't there.
    package func read(_ name: String) throws(SystemError) -> [UInt8]? {
        guard try FileSystem.exists("\(service)/\(name)") else { return nil }
        return try Self.read(path: "\(service)/\(name)")
    }

    /// The bytes of any file.
    package static func read(path: String) throws(SystemError) -> [UInt8] {
        let file = try File.open(path)
        let byteCount = try file.status().byteCount
        return try [UInt8](filling: byteCount) { bytes throws(SystemError) in
            _ = try file.read(into: &bytes)
        }
    }

    /// Says that this process uses the home's server, until the file is closed; waits while a server stops.
    package func use() throws(SystemError) -> File {
        let file = try openUsers()
        try file.lock(offset: 0, byteCount: 1, exclusive: false)
        return file
    }

    /// Whether nobody uses the server; then nobody begins to until the file is closed.
    package func isUnused() throws(SystemError) -> File? {
        let file = try openUsers()
        return try file.tryLock(offset: 0, byteCount: 1, exclusive: true) ? file : nil
    }

    /// Has one process at a time look for the home's server, and start it.
    package func lockStart() throws(SystemError) -> File {
        let file = try openUsers()
        try file.lock(offset: 1, byteCount: 1, exclusive: true)
        return file
    }

    private func openUsers() throws(SystemError) -> File {
        try Directory.openGuarded(service).openOrCreateFile("users")
    }
}
