internal import Sluice

/// A scope's key versions, and what the state of each means: asked as whom the scope asks, which needs no
/// key.
struct ScopeStatus {
    struct Version {
        let key: KeyIdentifier
        let objectCount: Int
        let byteCount: Int
        let isInUse: Bool
        /// Whether it is disabled, and nothing needs it: what retiring it comes to.
        let isRetired: Bool
        /// Why reads of objects under it are refused; nil if they are not.
        let readRefusal: VaultError?
        /// Why puts are refused; nil if they are not, or go to another version.
        let putRefusal: VaultError?
    }

    let info: ScopeInfo
    /// The version in use first, then those of the key, the newest first.
    let versions: [Version]

    init(_ info: ScopeInfo, of store: Store) {
        self.info = info
        let current = info.currentKey
        let refusal = { (operation: KeyOperation, key: KeyIdentifier) in
            Self.refusal(of: operation, under: key, to: store, as: info.identity)
        }
        let currentRefusal = refusal(.unwrapKey, current)
        var keys = [current]
        // Deleted keys, and vaults that are gone, have no list; what is in use is known all the same.
        let listed =
            (try? store.vaults.acting(as: .owner).keyVersions(
                vault: current.vault, name: current.name)) ?? []
        let disabled = Set(listed.filter { !$0.attributes.enabled }.map(\.kid))
        for key in listed.map(\.kid) + info.census.map(\.key) where !keys.contains(key) {
            keys.append(key)
        }
        versions = keys.map { key in
            let counts = info.census.first { $0.key == key }
            let isInUse = key == current
            return Version(
                key: key, objectCount: counts?.objectCount ?? 0,
                byteCount: counts?.byteCount ?? 0, isInUse: isInUse,
                isRetired: !isInUse && counts == nil && disabled.contains(key),
                // A read takes the scope's key, which is under the version in use, and the object's.
                readRefusal: currentRefusal
                    ?? (isInUse ? nil : refusal(.unwrapKey, key)),
                putRefusal: isInUse
                    ? currentRefusal ?? refusal(.wrapKey, key) : nil)
        }
    }

    /// Why a scope of a store, which has an identity of its own perhaps, may not use a key version now; nil if it may.
    private static func refusal(
        of operation: KeyOperation, under key: KeyIdentifier, to store: Store,
        as own: Identity?
    ) -> VaultError? {
        // The platform's key knows the store alone.
        let isPlatform = key.vault == store.vaults.platformVault
        let identity = isPlatform ? store.identity : own ?? store.identity
        do throws(VaultError) {
            _ = try store.vaults.authorize(
                key, for: operation, as: identity, deadline: .none)
            return nil
        } catch {
            return error.code == .vaultNotFound ? missing(key.vault, of: store) : error
        }
    }

    /// That a scope's vault isn't there: another one of its name would have other keys.
    private static func missing(_ vault: String, of store: Store) -> VaultError {
        VaultError(
            .vaultNotFound, "there is no vault '\(vault)' in '\(store.vaults.path ?? "memory")'",
            about: .vault(vault), remedies: [.choose(.vaults), .putBack("it")])
    }
}

extension ScopeStatus {
    /// A scope's status as `--json` prints it: its properties, and its census with what it means.
    struct Document: Encodable {
        struct Version: Encodable {
            let keyIdentifier: KeyIdentifier
            let objectCount: Int
            let byteCount: Int
            let isInUse: Bool
            let isRetired: Bool
            let isReadable: Bool
            let isWritable: Bool
            let refusal: ErrorDocument?
        }

        let name: String
        let keySetting: KeyIdentifier
        let currentKeyIdentifier: KeyIdentifier
        let isPinned: Bool
        let rewrapMode: String
        let pollSeconds: Int
        /// Nil for the store's.
        let identity: String?
        let census: [Version]
    }

    /// The scope for programs.
    func document(_ advice: Advice) -> Document {
        Document(
            name: info.name.description, keySetting: info.keySetting,
            currentKeyIdentifier: info.currentKey, isPinned: info.keySetting.version != nil,
            rewrapMode: info.rewrapMode.rawValue,
            pollSeconds: Int(info.pollInterval.components.seconds),
            identity: info.identity?.objectID,
            census: versions.map { version in
                Document.Version(
                    keyIdentifier: version.key, objectCount: version.objectCount,
                    byteCount: version.byteCount, isInUse: version.isInUse,
                    isRetired: version.isRetired,
                    isReadable: version.readRefusal == nil,
                    isWritable: version.isInUse && version.putRefusal == nil,
                    refusal: (version.readRefusal ?? version.putRefusal).map {
                        ErrorDocument(Failure($0), advice)
                    })
            })
    }

    /// Scopes for people: a line for each key version, then why any is refused.
    static func text(_ scopes: [ScopeStatus], _ advice: Advice) -> String {
        var table = Table(
            .left, .left, .right, .right, .left, .left,
            titles: ["SCOPE", "KEY VERSION", "OBJECTS", "SIZE", "READS", "PUTS"])
        var reasons: [String] = []
        func answer(_ refusal: VaultError?, isNeeded: Bool) -> String {
            guard let refusal else { return "yes" }
            // Of a version that nothing needs there is nothing to do.
            guard isNeeded else { return "refused: \(refusal.code)" }
            let reason = PrintableText.escaped("\(refusal.code): \(advice.message(refusal))") + "\n"
            if !reasons.contains(reason) { reasons.append(reason) }
            return "refused: \(refusal.code)"
        }
        for scope in scopes {
            for version in scope.versions {
                table.append([
                    scope.info.name.description, version.key.description,
                    "\(version.objectCount)", Quantity.bytes(version.byteCount),
                    version.isRetired
                        ? "retired"
                        : answer(
                            version.readRefusal,
                            isNeeded: version.isInUse || version.objectCount > 0),
                    version.isInUse ? answer(version.putRefusal, isNeeded: true) : "-",
                ])
            }
        }
        let others = scopes.compactMap { scope in
            scope.info.identity.map { "scope '\(scope.info.name)' asks as '\($0.objectID)'\n" }
        }
        return table.text + (others.isEmpty ? "" : "\n" + others.joined())
            + (reasons.isEmpty ? "" : "\n" + reasons.joined())
    }
}
