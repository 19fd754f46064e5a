internal import Foundation
internal import Sluice
internal import SluiceNative
internal import SluiceVault

/// What is done to vaults, and cut short.
enum VaultLifeChange: String, CaseIterable {
    case restoreKey, restoreVault
    case setPassphrase, changePassphrase, removePassphrase
    case rotateKeyFile, rotatePassphrase

    /// How the vaults are opened before, and after.
    var sources: (before: RootKeySource, after: RootKeySource) {
        switch self {
        case .restoreKey, .restoreVault, .rotateKeyFile: (.file(), .file())
        case .setPassphrase: (.file(), Self.passphrase(1))
        case .changePassphrase: (Self.passphrase(1), Self.passphrase(2))
        case .removePassphrase: (Self.passphrase(1), .file())
        case .rotatePassphrase: (Self.passphrase(1), Self.passphrase(1))
        }
    }

    private static func passphrase(_ number: Int) -> RootKeySource {
        .passphrase { () throws(VaultError) in
            SecretBytes(copying: Array("correct horse \(number)".utf8).span)
        }
    }

    /// Where a backup is that is restored.
    func backupPath(_ path: String) -> String { "\(path).\(rawValue)" }

    /// Does it.
    func run(in path: String) throws {
        let directory = try Self.open(path, sources.before)
        defer { directory.close() }
        let owner = directory.acting(as: .owner)
        switch self {
        case .restoreKey:
            _ = try owner.restoreKey(
                vault: VaultLifeHome.vault,
                from: SecretHome.bytes(atPath: backupPath(path)))
        case .restoreVault:
            _ = try owner.restoreVault(from: SecretHome.bytes(atPath: backupPath(path)))
        case .setPassphrase, .changePassphrase, .removePassphrase:
            try owner.sealRootKey(under: sources.after)
        case .rotateKeyFile, .rotatePassphrase: _ = try owner.rotateRootKey()
        }
    }

    static func open(
        _ path: String, _ source: RootKeySource
    ) throws -> VaultDirectory {
        try VaultDirectory.open(
            path: "\(path)/vaults", rootKey: source,
            library: CryptoLibrary.load(requireFIPS: false))
    }
}
