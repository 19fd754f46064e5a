@testable import Sluice

/// A remedy of each kind. The switches are what keeps the lists complete: a new case doesn't compile until it stands
/// there, and who adds it adds its sample.
enum RemedySamples {
    static let key = makeKey(version: nil)
    static let version = makeKey(version: "0123456789abcdef0123456789abcdef")

    static var all: [Remedy] {
        listings.map { .list($0) } + makings.map { .make($0) } + choices.map { .choose($0) }
            + changes.map { .change($0) } + operations.map { .run($0) }
            + machineChanges.map { .machine($0) } + others
    }

    private static func makeKey(version: String?) -> KeyIdentifier {
        do {
            return try KeyIdentifier(vault: "team", name: "Mine", version: version)
        } catch {
            preconditionFailure("\(error)")
        }
    }

    static let others: [Remedy] = [
        .tryAgain, .reopen, .restoreBackup, .restoreVaults, .putBack("the file"), .updateSluice,
        .other("look twice"),
    ]

    static let listings: [Remedy.Listing] = [
        .objects(below: ""), .objects(below: "a dir/"), .objects(below: "-r/"), .objectIDs, .scopes,
        .pins, .versions(of: "a b"), .vaults, .deletedVaults, .keys(vault: "team"),
        .deletedKeys(vault: "team"),
        .keyVersions(key), .policies(vault: "team"), .machine,
    ]

    static let makings: [Remedy.Making] = [
        .store, .scope("private"), .vault("team"), .key(key), .keyVersion(key),
        .directory("/tmp/it's a 'dir'"), .directory("-p"), .identityVault,
    ]

    static let choices: [Remedy.Choice] = [
        .file, .newDirectory, .linkTarget, .backup, .otherName, .store, .vaults, .rootKey,
        .passphrase, .noPassphrase, .otherKey, .owner, .localDisk, .largerChunks, .pipe, .anyModule,
        .lease, .removingOthers, .removingAll,
    ]

    private static let identity = "11111111-2222-3333-4444-555555555555"

    static let changes: [Remedy.KeyChange] = [
        .enable(version), .disable(version), .allow(version, [.wrapKey, .unwrapKey]), .recover(key),
        .recoverVault("team"), .permit(vault: "team", identity: identity, KeyOperation.ofStores),
        .permit(vault: "team", identity: identity, [.get]), .enableIdentity,
        .setIdentity(scope: "private"),
    ]

    static let operations: [Remedy.Operation] = [
        .verify(store: nil), .verify(store: "/a store"), .repair(store: nil),
        .repair(store: "-store"), .repairVault("team"), .openScope("default", store: nil),
        .openScope("private", store: "/s"),
        .followKey(scope: "private", key, store: "/s"),
        .rewrap(scope: "default", from: version, store: nil),
        .rewrap(scope: "private", from: version, store: "/s"),
        .forgetStore("/gone `store`", retiring: version), .confirmAccess, .adoptBarrier,
        .putTree("-dir\n"), .getTree("a/b c/"), .removeTree("-d"), .removeObject("-o"),
        .getAlone("x"),
        .breakLease(of: "-o"), .endHold(on: "a b"), .restoreKey(vault: "team"), .restoreVault,
        .restoreApart,
    ]

    static let machineChanges: [Remedy.MachineChange] =
        [
            .freeSpace, .runAsFileOwner, .makePrivate("/v/root key"), .denyOthersWriting("/v"),
            .restartProcesses, .removeBarrier(["/v/a", "/v/b"]), .setClock, .installFIPSModule,
        ] + Remedy.ProcessLimit.allCases.map { .raise($0) }

    /// How many kinds there are of each, which the compiler knows to be all.
    static func kindCount(_ remedy: Remedy) -> Int {
        switch remedy {
        case .list(let listing):
            switch listing {
            case .objects, .objectIDs, .versions, .scopes, .pins, .vaults, .deletedVaults, .keys,
                .deletedKeys,
                .keyVersions, .policies, .machine:
                12
            }
        case .make(let making):
            switch making {
            case .store, .scope, .vault, .key, .keyVersion, .directory, .identityVault: 7
            }
        case .choose(let choice):
            switch choice {
            case .file, .newDirectory, .linkTarget, .backup, .otherName, .store, .vaults, .rootKey,
                .passphrase, .noPassphrase, .otherKey, .owner, .localDisk, .largerChunks, .pipe,
                .anyModule, .lease, .removingOthers, .removingAll:
                19
            }
        case .change(let change):
            switch change {
            case .enable, .disable, .allow, .recover, .recoverVault, .permit, .enableIdentity,
                .setIdentity:
                8
            }
        case .run(let operation):
            switch operation {
            case .verify, .repair, .repairVault, .openScope, .rewrap, .forgetStore, .confirmAccess,
                .adoptBarrier, .followKey, .putTree, .getTree, .removeTree, .removeObject,
                .getAlone, .breakLease, .endHold, .restoreKey, .restoreVault, .restoreApart:
                19
            }
        case .machine(let change):
            switch change {
            case .freeSpace, .raise, .runAsFileOwner, .makePrivate, .denyOthersWriting,
                .restartProcesses, .removeBarrier, .setClock, .installFIPSModule:
                9
            }
        case .tryAgain, .reopen, .restoreBackup, .restoreVaults, .putBack, .updateSluice, .other: 7
        }
    }
}
