internal import Foundation
internal import Sluice
internal import SluiceAccess
internal import SluiceNative
internal import SluiceVault

/// Vaults to which something is done, and what must be in them before and after.
struct VaultLifeHome {
    /// The directory that `vaults` is in.
    let path: String
    let change: VaultLifeChange
    private let wrapped: [WrappedKey]

    static let vault = "mine"
    private static let other = "other"
    private static let key = "key"
    private static let secret: [UInt8] = Array(1...32)
    private static let storeID = [UInt8](repeating: 5, count: 16)
    private static let scope = [UInt8](repeating: 6, count: 16)
    private static let commitment = [UInt8](repeating: 7, count: 32)

    /// Makes them.
    init(path: String, _ change: VaultLifeChange) throws {
        self.path = path
        self.change = change
        let directory = try VaultLifeChange.open(path, change.sources.before)
        defer { directory.close() }
        let owner = directory.acting(as: .owner)
        var wrapped: [WrappedKey] = []
        for vault in [Self.vault, Self.other] {
            _ = try owner.createVault(name: vault, isPurgeProtected: false)
            // Two versions, and another key beside them.
            for name in vault == Self.vault ? [Self.key, Self.key, "second"] : [Self.key] {
                let key = try owner.createKey(vault: vault, name: name).key.kid
                wrapped.append(
                    try directory.wrap(
                        Self.secret.span, under: key, as: .owner, deadline: .none))
            }
        }
        self.wrapped = wrapped
        try directory.registerAnchor(
            Self.commitment, store: Self.storeID, scope: Self.scope, under: wrapped[0].key)
        let backup: [UInt8]
        switch change {
        case .restoreKey:
            backup = try owner.backupKey(vault: Self.vault, name: Self.key)
            _ = try owner.deleteKey(wrapped[0].key.versionless)
            _ = try owner.purgeKey(wrapped[0].key.versionless)
        case .restoreVault:
            backup = try owner.backupVault(Self.vault)
            _ = try owner.deleteVault(Self.vault)
            _ = try owner.purgeVault(Self.vault)
        default: return
        }
        try Data(backup).write(to: URL(fileURLWithPath: change.backupPath(path)))
    }

    // MARK: Looking

    /// What is wrong with the vaults; nil if nothing is.
    ///
    /// - Parameters:
    ///   - isDone: Whether the change must have been made; else it may have been.
    ///   - isThorough: Whether to look what comes of another change of the root key, too.
    func problem(isDone: Bool, isThorough: Bool = true) -> String? {
        do {
            switch change {
            case .restoreKey, .restoreVault: try checkRestored(isDone: isDone)
            default: try checkSealed(isDone: isDone, isThorough)
            }
            return nil
        } catch {
            return "\(error)"
        }
    }

    private func checkRestored(isDone: Bool) throws {
        let directory = try VaultLifeChange.open(path, .file())
        defer { directory.close() }
        let owner = directory.acting(as: .owner)
        let isThere: Bool
        if change == .restoreVault {
            isThere = try owner.vaults().map(\.name).contains(Self.vault)
        } else {
            isThere = try owner.keys(vault: Self.vault).map(\.kid.name).contains(Self.key)
        }
        if isThere {
            try checkContents(directory)
        } else if isDone {
            throw WrongOutcome("it was done, and is not there")
        } else {
            try change.run(in: path)
            let again = try VaultLifeChange.open(path, .file())
            defer { again.close() }
            try checkContents(again)
        }
        let left = try leftovers
        if !left.isEmpty { throw WrongOutcome("left behind: \(left)") }
    }

    private func checkSealed(isDone: Bool, _ isThorough: Bool) throws {
        let (before, after) = change.sources
        var source = after
        do {
            try checkContents(try VaultLifeChange.open(path, after))
        } catch let error as VaultError {
            let others: [VaultError.Code] = [
                .wrongRootKey, .passphraseRequired, .rootKeyMissing,
            ]
            guard !isDone, others.contains(error.code) else { throw error }
            try checkContents(try VaultLifeChange.open(path, before))
            source = before
        }
        // The one before has finished it, if there was something to finish.
        let left = try leftovers
        if !left.isEmpty { throw WrongOutcome("left behind: \(left)") }
        let hasKeyFile = try FileSystem.exists("\(path)/vaults/root.key")
        let isFile = if case .file = source { true } else { false }
        if hasKeyFile != isFile { throw WrongOutcome("the key file is \(hasKeyFile)") }
        if isThorough { try checkAgain(source) }
    }

    /// Changes the root key, which takes what is there to be under one, and looks again.
    private func checkAgain(_ source: RootKeySource) throws {
        let directory = try VaultLifeChange.open(path, source)
        defer { directory.close() }
        let rotation = try directory.acting(as: .owner).rotateRootKey()
        guard rotation.keyVersionCount == wrapped.count else {
            throw WrongOutcome("\(rotation.keyVersionCount) versions were sealed anew")
        }
        let again = try VaultLifeChange.open(path, source)
        defer { again.close() }
        try checkContents(again)
    }

    /// Files that only a change has which isn't finished.
    private var leftovers: [String] {
        get throws {
            try FileManager.default.contentsOfDirectory(atPath: "\(path)/vaults").filter {
                // A vault that was being made goes with the next one that is.
                $0 == "root.next" || $0.hasSuffix(".new") && $0 != ".new"
            }
        }
    }

    /// Returns if all keys open what they have wrapped, and the scope is vouched for.
    private func checkContents(_ directory: VaultDirectory) throws {
        for each in wrapped {
            let secret = try directory.unwrap(
                each.bytes, under: each.key, as: .owner, deadline: .none)
            let isRight = secret.withBytes { constantTimeEqual($0, Self.secret.span) }
            guard isRight else { throw WrongOutcome("\(each.key) unwraps something else") }
        }
        let anchor = try directory.anchor(
            store: Self.storeID, scope: Self.scope, under: wrapped[0].key)
        guard anchor == Self.commitment else { throw WrongOutcome("the scope isn't vouched for") }
    }
}
