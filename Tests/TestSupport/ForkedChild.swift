internal import ProcessCalls
package import SluiceNative

extension ForkGuard {
    /// Runs `body` in a forked child, which then ends; returns in the parent at once.
    @discardableResult
    package static func forkChild(_ body: () -> Void) -> ChildProcess {
        let child = process_fork()
        precondition(child >= 0, "the system lets nobody fork")
        guard child == 0 else { return ChildProcess(processID: child, path: "a forked child") }
        body()
        process_end()
    }
}
