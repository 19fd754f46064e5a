extension Remedy {
    /// What may be named or chosen in place of what was.
    public enum Choice: Hashable, Sendable {
        /// A file, rather than a directory.
        case file
        /// A directory that doesn't exist yet.
        case newDirectory
        /// The place that a symbolic link leads to.
        case linkTarget
        /// The directory that a backup has made.
        case backup
        /// Another name.
        case otherName
        /// The place where the store is.
        case store
        /// The vaults that the store was made with.
        case vaults
        /// The file that holds the root key.
        case rootKey
        /// The passphrase that the vaults are sealed under.
        case passphrase
        /// The key file that the vaults are sealed under, in place of a passphrase.
        case noPassphrase
        /// Another key.
        case otherKey
        /// The owner of the vaults, to act as.
        case owner
        /// A disk of this machine.
        case localDisk
        /// Larger chunks.
        case largerChunks
        /// A pipe, in place of a terminal.
        case pipe
        /// Whichever module OpenSSL has, in place of the FIPS module.
        case anyModule
        /// The lease of the object.
        case lease
        /// To have what the other side of a tree hasn't removed, and replaced.
        case removingOthers
        /// To have it removed though that is most of what is there, or all.
        case removingAll
    }
}

extension Remedy.Choice: CustomStringConvertible {
    /// The name of its kind, as in `nameVaults`.
    public var code: String {
        switch self {
        case .file: "nameFile"
        case .newDirectory: "nameNewDirectory"
        case .linkTarget: "nameLinkTarget"
        case .backup: "nameBackup"
        case .otherName: "useOtherName"
        case .store: "nameStore"
        case .vaults: "nameVaults"
        case .rootKey: "nameRootKey"
        case .passphrase: "givePassphrase"
        case .noPassphrase: "giveNoPassphrase"
        case .otherKey: "useOtherKey"
        case .owner: "actAsOwner"
        case .localDisk: "useLocalDisk"
        case .largerChunks: "useLargerChunks"
        case .pipe: "usePipe"
        case .anyModule: "useAnyModule"
        case .lease: "showLease"
        case .removingOthers: "removeOthers"
        case .removingAll: "removeAll"
        }
    }

    /// None takes anything.
    public var parameters: [String: String] { [:] }

    /// What to choose, in plain words.
    public var description: String {
        switch self {
        case .file: "add the name of the file to write"
        case .newDirectory: "name a directory that doesn't exist yet"
        case .linkTarget: "name the place that the link leads to"
        case .backup: "name the directory that a backup has made"
        case .otherName: "choose another name"
        case .store: "name the place where the store is"
        case .vaults: "name the vaults that the store was made with"
        case .rootKey: "name the file that holds the root key"
        case .passphrase: "give the passphrase"
        case .noPassphrase: "give no passphrase"
        case .otherKey: "use another key"
        case .owner: "act as the owner of the vaults"
        case .localDisk: "use a local disk"
        case .largerChunks: "use larger chunks"
        case .pipe: "send the bytes through a pipe"
        case .anyModule: "do without the FIPS module"
        case .lease: "show the lease"
        case .removingOthers:
            "have it removed, with whatever else the source hasn't"
        case .removingAll: "look at what would go, and say so if all of it is meant to"
        }
    }
}
