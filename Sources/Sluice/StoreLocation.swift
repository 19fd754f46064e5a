internal import SluiceEngine
internal import SluiceNative

/// Where a store and the vaults with its keys are. They are meant to live apart.
///
/// Everything in them is made with modes 0700 and 0600, whatever the process's mask. No symbolic link
/// below them is followed; those on the way to them are, but for what somebody else has made in a
/// directory that isn't his, which is ``StoreError/Code/cannotCreate``.
public struct StoreLocation: Sendable, Equatable {
    /// The directory with the catalog and the blobs.
    public var store: String
    /// The directory with the key vaults.
    public var vaults: String

    /// `store` and `vaults` below one home directory.
    public init(home: String) {
        self.init(store: "\(home)/store", vaults: "\(home)/vaults")
    }

    /// A store and vaults, each in a directory of its own.
    public init(store: String, vaults: String) {
        self.store = store
        self.vaults = vaults
    }

    /// `$SLUICE_HOME`, else `$XDG_DATA_HOME/sluice`, else `~/.local/share/sluice`.
    ///
    /// Throws ``StoreError/Code/invalidArgument`` if the one that counts isn't UTF-8, or there is none.
    public static func defaultHome() throws(StoreError) -> String {
        do throws(SystemError) {
            if let home = try Environment.variable("SLUICE_HOME"), !home.isEmpty { return home }
            if let data = try Environment.variable("XDG_DATA_HOME"), data.hasPrefix("/") {
                return "\(data)/sluice"
            }
            if let home = try Environment.home() { return "\(home)/.local/share/sluice" }
        } catch {
            throw StoreError(system: error, "use", otherwise: .invalidArgument)
        }
        throw StoreError(
            .invalidArgument, "there is no home directory", remedies: [.choose(.store)])
    }
}

extension StoreLocation {
    /// Throws ``StoreError/Code/invalidArgument`` if the store and the vaults are one directory, or one is in
    /// the other: each takes what is in its directory for its own.
    package func requireApart() throws(StoreError) {
        let isApart: Bool
        do throws(SystemError) {
            let isStoreInVaults = try Self.isWithin(store, vaults)
            let areVaultsInStore = try Self.isWithin(vaults, store)
            isApart = !isStoreInVaults && !areVaultsInStore
        } catch {
            throw StoreError(system: error, "look above")
        }
        guard isApart else {
            throw StoreError(
                .invalidArgument,
                "the store '\(store)' and the vaults '\(vaults)' are one directory, or one is in the other",
                about: .store(store), remedies: [.other("name two places, apart from each other")])
        }
    }

    /// Whether `path` is, or would be, at or below `other`: by what they are where that is there, and else
    /// by how they are written.
    private static func isWithin(_ path: String, _ other: String) throws(SystemError) -> Bool {
        if let other = try? Directory.open(other) {
            guard let directory = Directory.nearest(to: path) else { return false }
            return try directory.isWithin([other.status().identity])
        }
        let parts = [path, other].map { text in
            text.utf8.split(separator: UInt8(ascii: "/")).map(Array.init).filter { $0 != [0x2E] }
        }
        return (path.utf8.first == UInt8(ascii: "/")) == (other.utf8.first == UInt8(ascii: "/"))
            && parts[0].starts(with: parts[1])
    }
}
