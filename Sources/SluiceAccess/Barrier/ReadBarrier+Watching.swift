internal import SluiceNative
internal import Synchronization

extension ReadBarrier {
    /// Has `callback` called after each change of access in any process, within milliseconds, even if this
    /// process is idle.
    ///
    /// It is given the epoch, odd if yet another change is under way. Changes in quick succession may be
    /// told together, and nothing be told twice; what matters is told after it was committed. It is called
    /// in a thread of its own, one callback after another, so it must not take long. It ends with the
    /// registration, or with ``close()``.
    ///
    /// - Throws: `closed`; `io` if the system has no thread left.
    public func onAdvance(
        _ callback: @escaping @Sendable (UInt64) -> Void
    ) throws(VaultError) -> GateRegistration {
        try requireUsable()
        do throws(SystemError) {
            let id = try watcher.add(callback)
            return GateRegistration { [watcher] in watcher.remove(id) }
        } catch {
            throw VaultError(error, while: "watching the barrier of the vaults")
        }
    }

    /// Has `look` called every second, and after each change, once anybody watches or releases; what it
    /// returns says whether something was found for which the callbacks of ``onAdvance(_:)`` are to be
    /// called. Otherwise as those.
    package func onLook(_ look: @escaping @Sendable () -> Bool) -> GateRegistration {
        let id = watcher.add(look: look)
        return GateRegistration { [watcher] in watcher.remove(id) }
    }

    // MARK: Files that were exchanged

    /// Ends the use of this barrier here: every release, change and question is refused with `error` from
    /// now on. Says whether it was in use.
    @discardableResult
    package func refuse(_ error: VaultError) -> Bool {
        let isFirst = refusal.withLock { refusal in
            guard refusal == nil else { return false }
            refusal = error
            return true
        }
        generation.store(.max, ordering: .sequentiallyConsistent)
        return isFirst
    }

    /// Looks whether the barrier is still the file that everybody uses, and refuses its use if not.
    func lookAtFile() -> Bool {
        guard isUsable else { return false }
        do throws(VaultError) {
            try file.checkPlace()
            try file.checkSize()
            return false
        } catch {
            // What can't be seen now is looked at again.
            return error.code == .io ? false : refuse(error)
        }
    }

    /// Returns if the barrier is still the file that everybody uses: asked before each question to the
    /// vaults, after the epoch was loaded.
    ///
    /// - Throws: `replaced`, `io`.
    func checkFile() throws(VaultError) {
        do throws(VaultError) {
            try file.checkPlace()
        } catch {
            if error.code == .replaced { refuse(error) }
            throw error
        }
    }
}
