internal import SluiceAccess
internal import SluiceNative

/// Who can write to the vaults' files can give himself every access: that is refused as it is on the root key.
extension Directory {
    /// Returns if nobody but the owner may write to a directory and to these files in it, as far as they are
    /// there.
    ///
    /// - Throws: `vaultsExposed`.
    func requireUnexposed(
        _ path: String, holding names: [String] = []
    ) throws(VaultError) {
        var exposed: String?
        do throws(SystemError) {
            if try status().isWritableForOthers { exposed = path }
            for name in names {
                guard let status = try statusIfThere(name) else { continue }
                if status.isWritableForOthers { exposed = "\(path)/\(name)" }
            }
        } catch {
            throw VaultError(error, while: "looking at who may write to '\(path)'")
        }
        guard let exposed else { return }
        throw VaultError(
            .vaultsExposed,
            "others than its owner may write to '\(exposed)', and with it give themselves any access to "
                + "the keys", about: .file(exposed),
            remedies: [.machine(.denyOthersWriting(exposed))])
    }
}

extension FileStatus {
    fileprivate var isWritableForOthers: Bool { kind != .symbolicLink && mode & 0o022 != 0 }
}
