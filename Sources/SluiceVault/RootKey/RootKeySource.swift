public import SluiceAccess
public import SluiceNative

/// Where the root key comes from, under which the vaults of a directory are sealed.
///
/// It is chosen when the first vault of a directory is made; `ActingVaults.sealRootKey(under:)` changes it.
public enum RootKeySource: Sendable {
    /// A file of 32 random bytes that only its owner may read; by default `root.key` in the directory.
    ///
    /// Made with the first vault, if there is none. Whoever can read it can open every key, so it may
    /// be kept elsewhere than the vaults.
    case file(path: String? = nil)

    /// A passphrase, stretched by scrypt (N = 2^17, r = 8, p = 1: 128 MiB of memory), under which a random root key is
    /// sealed.
    ///
    /// The closure is called by the thread that first needs a key.
    case passphrase(_ provide: @Sendable () throws(VaultError) -> SecretBytes)
}
