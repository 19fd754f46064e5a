package import Sluice
package import SluiceNative
internal import SluiceAccess

/// The blobs of storage accounts, in a Sluice store of the home's: which scopes have their names, and which seal them. For any
/// thread.
///
/// - `blob-ACCOUNT` has an entry for each container, an object of the container's name.
/// - `blob-ACCOUNT-ID` has the blobs of a container, by name, size and properties, under the platform's key: while a
///   customer's key is revoked, they can be listed and deleted.
/// - `seal-ACCOUNT`, and `seal-ACCOUNT-HASH` for each encryption scope, seal the bytes and the metadata of blobs under the key
///   that the account, or the encryption scope, says.
public final class AccountStore: Sendable {
    /// The store.
    package let store: Store
    package let library: CryptoLibrary

    init(_ home: String, _ rootKey: RootKeySource, _ library: CryptoLibrary, isTemporary: Bool)
        throws(StoreError)
    {
        var options = StoreOptions()
        if isTemporary { options.durability = .none }
        self.library = library
        store = try Store.open(
            StoreLocation(store: "\(home)/store", vaults: "\(home)/vaults"), rootKey: rootKey,
            options: options)
    }

    /// Closes the store.
    func close() { try? store.close() }

    // MARK: Scopes

    /// The scope of an account's containers.
    package func containers(of account: String) throws(StoreError) -> ScopeName {
        try ScopeName("blob-\(account)")
    }

    /// The scope of a container's blobs.
    package func blobs(of account: String, container id: String) throws(StoreError) -> ScopeName {
        try ScopeName("blob-\(account)-\(id)")
    }

    /// The scope that seals an account's blobs, or those under one of its encryption scopes.
    package func seal(
        of account: String, encryptionScope: String? = nil
    ) throws(StoreError) -> ScopeName {
        guard let encryptionScope else { return try ScopeName("seal-\(account)") }
        return try ScopeName("seal-\(account)-\(try hash(encryptionScope.lowercased()))")
    }

    private func hash(_ text: String) throws(StoreError) -> String {
        do throws(CryptoError) {
            let digest = try library.sha256(Array(text.utf8).span)
            return String(hexadecimal: (0..<12).map { digest[$0] })
        } catch {
            throw StoreError(.inputOutput, "OpenSSL failed: \(error)")
        }
    }

    /// Makes a scope under the platform's key, unless it is there.
    package func ensure(_ scope: ScopeName) throws(StoreError) {
        do throws(StoreError) {
            try store.createScope(scope)
        } catch  where error.code == .alreadyExists {
            return
        }
    }

    /// Removes all scopes of an account, with what is in them.
    func removeAll(of account: String) throws(StoreError) {
        let names = ["blob-\(account)", "seal-\(account)"]
        // Those that have blobs go before those that seal them.
        for prefix in names {
            for scope in try store.scopes()
            where scope.name.description == prefix
                || scope.name.description.hasPrefix("\(prefix)-")
            {
                do throws(StoreError) {
                    try store.removeScope(scope.name)
                } catch {
                    // What seals blobs that are being removed goes with the account of that name that comes next, or stays unused.
                    guard [.stillNeeded, .notFound].contains(error.code) else { throw error }
                }
            }
        }
    }

    // MARK: Keys

    /// Has a scope seal under a customer's key, as whom it is asked for, and brings all that it has sealed under it: when this
    /// returns, nothing needs another version.
    func seal(
        _ scope: ScopeName, under key: KeyIdentifier, as identity: Identity
    ) throws(StoreError) {
        do throws(StoreError) {
            try store.createScope(scope, key: key, identity: identity)
            return
        } catch {
            guard error.code == .alreadyExists else { throw error }
        }
        let known = try store.scope(scope)
        do throws(StoreError) {
            try store.updateScope(scope, key: key, identity: identity)
        } catch {
            // What else is said of an account can be changed while its key is taken away.
            guard error.code == .accessDenied, known.keySetting == key, known.identity == identity
            else { throw error }
            return
        }
        try sweep(scope)
    }

    /// Has a scope seal under the platform's key again.
    func sealUnderPlatformKey(_ scope: ScopeName) throws(StoreError) {
        try ensure(scope)
        let platform: KeyIdentifier
        do throws(VaultError) {
            platform = try store.vaults.platformKey()
        } catch {
            throw StoreError(.vaultUnavailable, error.message, cause: error)
        }
        guard try store.scope(scope).keySetting.vault != platform.vault else { return }
        try store.updateScope(scope, key: platform)
        try sweep(scope)
    }

    private func sweep(_ scope: ScopeName) throws(StoreError) {
        let report = try store.rewrap(in: scope)
        if let failure = report.failures.first { throw failure.error }
    }
}
