internal import Foundation
internal import SluiceAccess
internal import SluiceNative
internal import SluiceVault
internal import TestSupport

/// Takes a store's access to its keys away, each time in another way, and gives it back.
final class StoreSwitch: AccessSwitch {
    /// A way to take access away.
    private enum Way: CaseIterable {
        case policyRemoved, permissionDropped, currentVersionDisabled, oldVersionDisabled
        case keyDeleted, identityOff, vaultDeleted
    }

    private let directoryPath: String
    private let fault: BarrierFault?
    private let vaults: VaultDirectory
    private let identity: Identity
    private let key: KeyIdentifier
    private let (oldVersion, currentVersion): (KeyIdentifier, KeyIdentifier)
    private var way = Way.policyRemoved
    /// Whether a revoker that died may have left the identity switched off.
    private var mayBeOff = false

    init(directoryPath: String, _ identity: Identity, fault: BarrierFault?) throws {
        self.directoryPath = directoryPath
        self.identity = identity
        self.fault = fault
        vaults = try StoreHome(directoryPath: directoryPath).vaults(fault)
        key = try KeyIdentifier(vault: StoreHome.vault, name: StoreHome.key)
        let versions = try vaults.acting(as: .owner).keyVersions(vault: key.vault, name: key.name)
        let current = try vaults.acting(as: .owner).key(key).key.kid
        currentVersion = current
        oldVersion = versions.map(\.kid).first { $0 != current } ?? current
    }

    let readerCommand = "read-store"

    var concernedLogs: [String] {
        way == .oldVersionDisabled
            ? [StoreHome.Half.old.rawValue] : StoreHome.Half.allCases.map(\.rawValue)
    }

    func revoke(_ index: Int, waiting deadline: Deadline) throws -> BarrierConfirmation {
        way = Way.allCases[index % Way.allCases.count]
        switch way {
        case .policyRemoved:
            return try vaults.acting(as: .owner).deleteAccessPolicy(
                vault: key.vault, for: identity, waiting: deadline
            ).confirmation
        case .permissionDropped:
            return try vaults.acting(as: .owner).setAccessPolicy(
                vault: key.vault, for: identity, permissions: [.get], waiting: deadline
            ).confirmation
        case .currentVersionDisabled:
            return try enable(currentVersion, false, deadline)
        case .oldVersionDisabled:
            return try enable(oldVersion, false, deadline)
        case .keyDeleted:
            return try vaults.acting(as: .owner).deleteKey(key, waiting: deadline).confirmation
        case .identityOff:
            return try vaults.acting(as: .owner).setIdentity(
                identity, isEnabled: false, waiting: deadline
            )
            .confirmation
        case .vaultDeleted:
            return try vaults.acting(as: .owner).deleteVault(key.vault, waiting: deadline)
                .confirmation
        }
    }

    func restore() throws {
        switch way {
        case .policyRemoved, .permissionDropped:
            _ = try vaults.acting(as: .owner).setAccessPolicy(
                vault: key.vault, for: identity, permissions: KeyOperation.ofStores,
                waiting: .none)
        case .currentVersionDisabled: _ = try enable(currentVersion, true, .none)
        case .oldVersionDisabled: _ = try enable(oldVersion, true, .none)
        case .keyDeleted: _ = try vaults.acting(as: .owner).recoverKey(key, waiting: .none)
        case .vaultDeleted:
            _ = try vaults.acting(as: .owner).recoverVault(key.vault, waiting: .none)
        case .identityOff: mayBeOff = true
        }
        guard mayBeOff else { return }
        _ = try vaults.acting(as: .owner).setIdentity(identity, isEnabled: true, waiting: .none)
        mayBeOff = false
    }

    func confirm(waiting deadline: Deadline) throws -> BarrierConfirmation {
        try vaults.barrier().confirm(waiting: deadline)
    }

    /// Stops it first for a while, in which readers must neither hang nor read on.
    func killRevoker(_ runner: CommandRunner) throws {
        let board = try Board(directoryPath: directoryPath)
        let before = board.flipCount
        var arguments = ["flip", directoryPath, identity.objectID]
        if let fault { arguments.append(fault.rawValue) }
        let revoker = try runner.start(arguments, input: [])
        let limit = Deadline.seconds(120)
        while board.flipCount &- before < 2, !limit.hasPassed {
            NativeThread.sleep(nanoseconds: 100_000)
        }
        NativeThread.sleep(nanoseconds: Int.random(in: 0..<3_000_000))
        revoker.send(SIGSTOP)
        NativeThread.sleep(nanoseconds: 5_000_000)
        revoker.send(SIGKILL)
        _ = try revoker.wait()
        mayBeOff = true
    }

    /// Switches an identity off and on until it is killed.
    static func flip(
        directoryPath: String, _ identity: Identity, fault: BarrierFault?
    ) throws {
        let vaults = try StoreHome(directoryPath: directoryPath).vaults(fault)
        let board = try Board(directoryPath: directoryPath)
        while !board.isOver {
            for isEnabled in [false, true] {
                _ = try vaults.acting(as: .owner).setIdentity(
                    identity, isEnabled: isEnabled, waiting: .none)
                board.countFlip()
            }
        }
    }

    private func enable(
        _ version: KeyIdentifier, _ isEnabled: Bool, _ deadline: Deadline
    ) throws -> BarrierConfirmation {
        try vaults.acting(as: .owner).updateKey(
            version, KeyChanges(isEnabled: isEnabled), waiting: deadline
        )
        .confirmation
    }
}
