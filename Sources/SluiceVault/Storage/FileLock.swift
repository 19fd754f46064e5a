internal import Dispatch
internal import SluiceAccess
internal import SluiceNative

/// An exclusive lock among processes, on a file that exists for nothing else.
///
/// Within a process, whoever owns the value sees to it that one thread at a time holds it.
struct FileLock: Sendable {
    private let file: File
    private let place: OpenedFiles

    /// Opens the file of that name, made first if there is none.
    init(_ name: String, in directory: Directory) throws(SystemError) {
        file = try directory.openOrCreateFile(name)
        var place = try OpenedFiles(in: directory)
        try place.add(name, file.status())
        self.place = place
    }

    /// Runs `body` with the lock held.
    ///
    /// - Parameter subject: What the lock protects, for messages.
    /// - Throws: `busy` if another process keeps the lock for half a minute; `replaced` if another file is in
    ///   its place by now, which others lock; `deadlineExceeded`, `io`.
    func hold<Result: ~Copyable>(
        for subject: String, deadline: Deadline, _ body: () throws(VaultError) -> Result
    ) throws(VaultError) -> Result {
        let longest = Deadline.seconds(30)
        var pauseMicroseconds = 100
        while try !tryLock(subject) {
            try deadline.check()
            guard !longest.hasPassed else {
                throw VaultError(
                    .busy, "another process is changing \(subject) and doesn't finish",
                    remedies: [.other("see that it isn't stopped, and try again")])
            }
            // Nobody signals it: this is a sleep.
            _ = DispatchSemaphore(value: 0).wait(
                timeout: .now() + .microseconds(pauseMicroseconds))
            pauseMicroseconds = min(2 * pauseMicroseconds, 10_000)
        }
        defer {
            // Can't fail on an open file; and the kernel drops the lock when the file is closed.
            try? file.unlock(offset: 0, byteCount: 1)
        }
        try checkPlace(subject)
        return try body()
    }

    private func checkPlace(_ subject: String) throws(VaultError) {
        let path: String?
        do { path = try place.firstReplaced(orMissing: true) } catch {
            throw VaultError(error, while: "locking \(subject)")
        }
        guard let path else { return }
        throw VaultError(
            .replaced,
            "'\(path)' was exchanged for another or removed while this process had it open, so that two "
                + "could change \(subject) at once", about: .file(path),
            remedies: [.machine(.restartProcesses)])
    }

    /// Runs `body` with the lock held, or not at all if it can't be had at once.
    func holdIfFree(_ body: () -> Void) {
        guard (try? file.tryLock(offset: 0, byteCount: 1, exclusive: true)) == true else { return }
        body()
        try? file.unlock(offset: 0, byteCount: 1)
    }

    private func tryLock(_ subject: String) throws(VaultError) -> Bool {
        do { return try file.tryLock(offset: 0, byteCount: 1, exclusive: true) } catch {
            throw VaultError(error, while: "locking \(subject)")
        }
    }
}
