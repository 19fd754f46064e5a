internal import Foundation
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
    private let barrier: ReadBarrier
    private let vault: ToyVault
    private let runner: CommandRunner
    private var readers: [RunningCommand] = []
    private var revoked: [ClosedRange<Int>] = []

    init(
        directoryPath: String, processCount: Int, threadCount: Int, fault: BarrierFault?
    ) throws {
        self.directoryPath = directoryPath
        self.threadCount = threadCount
        self.fault = fault
        barrier = try ReadBarrier.open(directoryPath: directoryPath, fault: fault)
        vault = try ToyVault(directoryPath: directoryPath)
        runner = CommandRunner(
            executable: "/proc/self/exe", environment: [:], workingDirectory: directoryPath)
        for _ in 0..<processCount { try startReader() }
    }

    /// Makes so many revocations, each beside readers that have read since the one before; every fifth
    /// time a process is stopped or killed, if that is wanted.
    func revoke(times count: Int, disturbing: Bool) throws {
        for index in 0..<count {
            try awaitReleases()
            switch disturbing ? index % 15 : 1 {
            case 0: try revokeWithStoppedReader()
            case 5: try revokeWithKilledReader()
            case 10: try revokeWithKilledRevoker()
            default: _ = try change(toAllowed: false, waiting: .none)
            }
            let returned = MonotonicClock.nowNanoseconds
            NativeThread.sleep(nanoseconds: 1_000_000)
            let called = MonotonicClock.nowNanoseconds
            revoked.append(returned...called)
            _ = try change(toAllowed: true, waiting: .none)
        }
    }

    /// What the checker says of all releases up to now.
    func check() throws -> ReleaseChecker {
        var checker = ReleaseChecker(revoked: revoked)
        let names = try Directory.open(directoryPath).names().compactMap(\.string)
        for name in names where name.hasSuffix(".releases") {
            checker.add(try ReleaseLog.stamps(path: "\(directoryPath)/\(name)"))
        }
        return checker
    }

    /// Ends the readers.
    func end() throws {
        vault.isOver = true
        for reader in readers { _ = try reader.wait() }
    }

    // MARK: Kinds of revocations

    private func change(
        toAllowed isAllowed: Bool, waiting deadline: Deadline
    ) throws -> BarrierConfirmation {
        try barrier.change(waiting: deadline) {
            // A COMMIT takes its time, before and after it has an effect.
            NativeThread.sleep(nanoseconds: 200_000)
            vault.isAllowed = isAllowed
            NativeThread.sleep(nanoseconds: 100_000)
        }.confirmation
    }

    /// The readers of one process may be stopped in their slots: then they must be named, and the
    /// revocation has only returned once they have gone on and confirmed.
    private func revokeWithStoppedReader() throws {
        let reader = readers[0]
        reader.send(SIGSTOP)
        let confirmation = try change(toAllowed: false, waiting: .seconds(0.02))
        reader.send(SIGCONT)
        guard !confirmation.isConfirmed else { return }
        guard confirmation.unconfirmedProcessIDs.contains(reader.processID) || fault != nil else {
            throw Failure(description: "the stopped reader wasn't named")
        }
        guard try barrier.confirm(waiting: .seconds(60)).isConfirmed else {
            throw Failure(description: "a reader that went on didn't confirm")
        }
    }

    private func revokeWithKilledReader() throws {
        let reader = readers.removeFirst()
        reader.send(SIGKILL)
        guard try change(toAllowed: false, waiting: .seconds(60)).isConfirmed else {
            throw Failure(description: "a dead reader was waited for")
        }
        _ = try reader.wait()
        try startReader()
    }

    private func revokeWithKilledRevoker() throws {
        var arguments = ["die", directoryPath]
        if let fault { arguments.append(fault.rawValue) }
        _ = try runner.run(arguments)
        guard try barrier.confirm(waiting: .seconds(60)).isConfirmed else {
            throw Failure(description: "what a dead revoker had begun wasn't finished")
        }
    }

    // MARK: Readers

    private func startReader() throws {
        var arguments = ["read", directoryPath, String(threadCount)]
        if let fault { arguments.append(fault.rawValue) }
        readers.append(try runner.start(arguments, input: []))
    }

    private func awaitReleases() throws {
        let before = vault.releaseCount
        let limit = Deadline.seconds(60)
        let wanted = UInt32(readers.count * threadCount * 4)
        while vault.releaseCount &- before < wanted {
            guard !limit.hasPassed else { throw Failure(description: "nobody reads any more") }
            NativeThread.sleep(nanoseconds: 200_000)
        }
    }
}
