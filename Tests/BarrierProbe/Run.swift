internal import Foundation
internal import SluiceAccess
internal import SluiceNative
internal import SluiceVault
internal import TestSupport

/// Takes access away and gives it back in a loop, beside processes of readers, and has the checker look
/// at every release.
final class Run {
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    private let directoryPath: String
    private let threadCount: Int
    private let fault: BarrierFault?
    private let access: any AccessSwitch
    private let board: Board
    private let runner: CommandRunner
    private var readers: [RunningCommand] = []
    /// By how the names of logs end, what their releases are held against.
    private var checkers: [String: ReleaseChecker] = [:]
    private(set) var revocationCount = 0
    /// How many reads the readers have made, since it was last looked at.
    private(set) var readCount = 0
    private var seenReadCount: UInt32 = 0

    init(
        _ access: any AccessSwitch, directoryPath: String, processCount: Int, threadCount: Int,
        fault: BarrierFault?
    ) throws {
        self.access = access
        self.directoryPath = directoryPath
        self.threadCount = threadCount
        self.fault = fault
        board = try Board(directoryPath: directoryPath)
        runner = CommandRunner(barrierProbeIn: directoryPath)
        for _ in 0..<processCount { try startReader() }
    }

    /// Makes so many revocations, each beside readers that have read so often since the one before; every
    /// fifth time a process is stopped or killed.
    func revoke(times count: Int, readCount: Int) throws {
        for index in 0..<count {
            try awaitReads(max(readCount, readers.count * threadCount * 4))
            switch index % 15 {
            case 0: try revokeWithStoppedReader()
            case 5: try revokeWithKilledReader()
            case 10: try revokeWithKilledRevoker()
            default: try revokeUndisturbed()
            }
            let returned = MonotonicClock.nowNanoseconds
            revocationCount += 1
            let seen = board.readCount
            self.readCount += Int(seen &- seenReadCount)
            seenReadCount = seen
            NativeThread.sleep(nanoseconds: 1_000_000)
            let called = MonotonicClock.nowNanoseconds
            for log in access.concernedLogs {
                checkers[log, default: ReleaseChecker()].revoke(returned...called)
            }
            try access.restore()
        }
    }

    /// Ends the readers; a new run has others.
    func end() throws {
        board.isOver = true
        for reader in readers { try expectSuccess(of: reader) }
        readers = []
    }

    /// What the checkers say of all releases up to now: of how many, and how many should not have been.
    func check() throws -> (releaseCount: Int, violationCount: Int) {
        var (releaseCount, violationCount) = (0, 0)
        let living = Set(readers.map { String($0.processID) })
        for name in try Directory.open(directoryPath).names().compactMap(\.string) {
            let parts = name.split(separator: ".").map(String.init)
            guard parts.count == 3, parts[2] == "stamps" else { continue }
            let path = "\(directoryPath)/\(name)"
            var checker = checkers[parts[1]] ?? ReleaseChecker()
            checker.add(try ReleaseLog.stamps(path: path))
            if living.contains(parts[0]) {
                // It is looked at again, from the beginning.
                releaseCount += checker.releaseCount
                violationCount += checker.violationCount
                if let known = checkers[parts[1]] {
                    releaseCount -= known.releaseCount
                    violationCount -= known.violationCount
                }
            } else {
                checkers[parts[1]] = checker
                try FileSystem.remove(tree: path)
            }
        }
        return checkers.values.reduce(into: (releaseCount, violationCount)) { sum, checker in
            sum.0 += checker.releaseCount
            sum.1 += checker.violationCount
        }
    }

    // MARK: Kinds of revocations

    private func revokeUndisturbed() throws {
        guard try access.revoke(revocationCount, waiting: .seconds(60)).isConfirmed else {
            throw Failure(description: "readers that run didn't confirm")
        }
    }

    /// The readers of one process may be stopped in their slots: then they must be named, and the
    /// revocation has only returned once they have gone on and confirmed.
    private func revokeWithStoppedReader() throws {
        let reader = readers[0]
        reader.send(SIGSTOP)
        let confirmation: BarrierConfirmation
        do {
            confirmation = try access.revoke(revocationCount, waiting: .seconds(0.02))
        } catch let error as VaultError where error.code == .busy {
            // It was stopped while the vault was its own, as a reader that has just been started opens it.
            reader.send(SIGCONT)
            return try revokeUndisturbed()
        }
        reader.send(SIGCONT)
        guard !confirmation.isConfirmed else { return }
        // On a busy machine another may have been too slow for the deadline, instead.
        guard !confirmation.unconfirmedProcessIDs.isEmpty || fault != nil else {
            throw Failure(description: "the stopped reader wasn't named")
        }
        guard try access.confirm(waiting: .seconds(60)).isConfirmed else {
            throw Failure(description: "a reader that went on didn't confirm")
        }
    }

    private func revokeWithKilledReader() throws {
        let reader = readers.removeFirst()
        reader.send(SIGKILL)
        guard try access.revoke(revocationCount, waiting: .seconds(60)).isConfirmed else {
            throw Failure(description: "a dead reader was waited for")
        }
        _ = try reader.wait()
        try startReader()
    }

    private func revokeWithKilledRevoker() throws {
        try access.killRevoker(runner)
        guard try access.confirm(waiting: .seconds(60)).isConfirmed else {
            throw Failure(description: "what a dead revoker had begun wasn't finished")
        }
        try revokeUndisturbed()
    }

    // MARK: Readers

    private func startReader() throws {
        var arguments = [access.readerCommand, directoryPath, String(threadCount)]
        if let fault { arguments.append(fault.rawValue) }
        readers.append(try runner.start(arguments, input: []))
    }

    private func awaitReads(_ count: Int) throws {
        let before = board.readCount
        let limit = Deadline.seconds(120)
        while board.readCount &- before < UInt32(count) {
            guard !limit.hasPassed else { throw Failure(description: "nobody reads any more") }
            try replaceEnded()
            NativeThread.sleep(nanoseconds: 200_000)
        }
    }

    /// A reader whose log is full ends.
    private func replaceEnded() throws {
        let ended = readers.filter { !$0.isRunning }
        readers.removeAll { !$0.isRunning }
        for reader in ended {
            try expectSuccess(of: reader)
            try startReader()
        }
        if !ended.isEmpty { _ = try check() }
    }

    private func expectSuccess(of reader: RunningCommand) throws {
        let result = try reader.wait()
        guard result.exitCode == 0 else {
            throw Failure(
                description: "a reader failed with \(result.exitCode): \(result.errorText)")
        }
    }
}
