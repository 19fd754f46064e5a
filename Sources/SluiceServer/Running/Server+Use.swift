#if Service
public import ServiceLifecycle
internal import SluiceNative
internal import SluiceREST
internal import Synchronization

/// For commands that look for a home's server.
extension Server {
    /// Says in the home where this server listens.
    public func announce() throws {
        let note: JSON = ["host": .string(host), "port": .integer(port)]
        try home.write("server.json", note.encoded)
    }

    /// What ends when no command uses the home's server any more.
    public var whileUsed: any Service { UseWatch(home) }
}

/// Looks, a few times a second, whether a command uses the home's server.
private final class UseWatch: Service {
    private let home: HomeDirectory
    /// Held from when nobody does: who comes then waits until this process has ended, and starts another server.
    private let lock = Mutex<File?>(nil)

    init(_ home: HomeDirectory) { self.home = home }

    func run() async throws {
        try await cancelWhenGracefulShutdown { [self] in
            while !Task.isCancelled {
                if let taken = try home.isUnused() {
                    lock.withLock { $0 = taken }
                    return
                }
                try? await Task.sleep(for: .milliseconds(200))
            }
        }
    }
}
#endif
