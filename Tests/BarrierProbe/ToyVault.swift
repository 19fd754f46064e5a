internal import SluiceAccess
internal import SluiceNative
internal import SluiceVault
internal import TestSupport

/// A vault that is one word in a file: whether access is allowed.
final class ToyVault: GrantAuthority {
    let board: Board

    /// Opens the board of a run.
    init(directoryPath: String) throws { board = try Board(directoryPath: directoryPath) }

    func renew(_ grant: inout Grant) throws(VaultError) {
        guard board.isAllowed else { throw VaultError(.accessDenied, "revoked") }
    }

    /// A passage that was never granted.
    static func passage() throws(VaultError) -> Passage {
        Passage(
            Grant(
                key: try KeyIdentifier(vault: "toy", name: "key"), identity: .owner,
                operation: .unwrapKey, epoch: 0))
    }
}

/// Takes the toy's access away and gives it back.
final class ToySwitch: AccessSwitch {
    private let directoryPath: String
    private let fault: BarrierFault?
    private let barrier: ReadBarrier
    private let board: Board

    init(directoryPath: String, fault: BarrierFault?) throws {
        self.directoryPath = directoryPath
        self.fault = fault
        barrier = try ReadBarrier.open(directoryPath: directoryPath, hook: fault)
        board = try Board(directoryPath: directoryPath)
    }

    let readerCommand = "read"

    let concernedLogs = ["releases"]

    func revoke(_ index: Int, waiting deadline: Deadline) throws -> BarrierConfirmation {
        try change(toAllowed: false, deadline)
    }

    func restore() throws { _ = try change(toAllowed: true, .none) }

    func confirm(waiting deadline: Deadline) throws -> BarrierConfirmation {
        try barrier.confirm(waiting: deadline)
    }

    func killRevoker(_ runner: CommandRunner) throws {
        var arguments = ["die", directoryPath]
        if let fault { arguments.append(fault.rawValue) }
        _ = try runner.run(arguments)
    }

    private func change(
        toAllowed isAllowed: Bool, _ deadline: Deadline
    ) throws -> BarrierConfirmation {
        try barrier.change(waiting: deadline) {
            // A COMMIT takes its time, before and after it has an effect.
            NativeThread.sleep(nanoseconds: 200_000)
            board.isAllowed = isAllowed
            NativeThread.sleep(nanoseconds: 100_000)
        }.confirmation
    }
}
