internal import Sluice

extension Remedy {
    /// The command line that carries it out; nil if none does.
    var command: AdvisedCommand? {
        switch self {
        case .list(let listing): listing.command
        case .make(let making): making.command
        case .change(let change): change.command
        case .run(let operation): operation.command
        case .machine(let change): change.command
        case .choose, .tryAgain, .reopen, .restoreBackup, .restoreVaults, .putBack, .updateSluice,
            .other:
            nil
        }
    }
}

extension Remedy.Listing {
    fileprivate var command: AdvisedCommand {
        let those = "lists those there are"
        switch self {
        case .objects(let prefix):
            var command = AdvisedCommand("ls", effect: those)
            if !prefix.isEmpty { command.operands = [prefix] }
            command.place = .givenScope
            return command
        case .objectIDs:
            var command = AdvisedCommand("ls", "--ids", effect: those)
            command.place = .givenScope
            return command
        case .versions(let name):
            var command = AdvisedCommand("versions", effect: those)
            command.operands = [name]
            command.place = .givenScope
            return command
        case .scopes: return AdvisedCommand("scope", "list", effect: those)
        case .pins: return AdvisedCommand("pins", effect: those)
        case .vaults: return AdvisedCommand("keyvault", "list", effect: those)
        case .deletedVaults: return AdvisedCommand("keyvault", "list-deleted", effect: those)
        case .keys(let vault):
            return AdvisedCommand("keyvault", "key", "list", "--vault-name", vault, effect: those)
        case .deletedKeys(let vault):
            return AdvisedCommand(
                "keyvault", "key", "list-deleted", "--vault-name", vault, effect: those)
        case .keyVersions(let key):
            return AdvisedCommand(
                "keyvault", "key", "list-versions", "--id", key.description,
                effect: "lists its versions")
        case .policies(let vault):
            return AdvisedCommand("keyvault", "show", "--name", vault, effect: "shows those it has")
        case .machine: return AdvisedCommand("doctor", effect: "shows which library is in use")
        }
    }
}

extension Remedy.Making {
    fileprivate var command: AdvisedCommand {
        let it = "makes it"
        switch self {
        case .store: return AdvisedCommand("init", effect: "makes one, as does the first put")
        case .scope(let name):
            var command = AdvisedCommand("scope", "create", effect: it)
            command.operands = [name]
            return command
        case .vault(let name):
            return AdvisedCommand("keyvault", "create", "--name", name, effect: it)
        case .key(let key):
            return AdvisedCommand(
                "keyvault", "key", "create", "--id", key.description, effect: it)
        case .keyVersion(let key):
            return AdvisedCommand(
                "keyvault", "key", "rotate", "--id", key.description, effect: "makes a new version")
        case .directory(let path):
            return AdvisedCommand(program: "mkdir", "-p", path, effect: it)
        case .identityVault:
            return AdvisedCommand(
                "identity", "disable",
                effect:
                    "makes a new one, if it is lost for good: in it every other identity is on, and the "
                    + "platform's key is gone")
        }
    }
}

extension Remedy.KeyChange {
    fileprivate var command: AdvisedCommand {
        switch self {
        case .enable(let key): return Self.setting(key, "--enabled", "true", effect: "enables it")
        case .disable(let key):
            return Self.setting(key, "--enabled", "false", effect: "disables it")
        case .allow(let key, let operations):
            return AdvisedCommand(
                ["keyvault", "key", "set-attributes", "--id", key.description, "--ops"]
                    + operations.map(\.rawValue), effect: "allows it")
        case .recover(let key):
            return AdvisedCommand(
                "keyvault", "key", "recover", "--id", key.description, effect: "brings it back")
        case .recoverVault(let vault):
            return AdvisedCommand(
                "keyvault", "recover", "--name", vault, effect: "brings it back")
        case .permit(let vault, let identity, let permissions):
            return AdvisedCommand(
                ["keyvault", "set-policy", "--name", vault]
                    + AdvisedCommand.option("--object-id", identity)
                    + ["--key-permissions"] + permissions.map(\.rawValue), effect: "grants it")
        case .enableIdentity:
            return AdvisedCommand("identity", "enable", effect: "switches it on again")
        case .setIdentity(let scope):
            return AdvisedCommand(
                "encryption", "update", "--identity", "<object-id>",
                effect: "sets the identity, if that change was yours"
            ).in(nil, .scope(scope))
        }
    }

    private static func setting(
        _ key: KeyIdentifier, _ option: String, _ value: String, effect: String
    ) -> AdvisedCommand {
        AdvisedCommand(
            "keyvault", "key", "set-attributes", "--id", key.description, option, value,
            effect: effect)
    }
}

extension Remedy.Operation {
    fileprivate var command: AdvisedCommand? {
        switch self {
        case .verify(let store):
            return AdvisedCommand("verify", effect: "says what is wrong").in(store)
        case .repair(let store):
            return AdvisedCommand(
                "verify", "--repair",
                effect: "puts right what can be, and moves the rest to lost+found"
            ).in(store)
        case .repairVault(let vault):
            return AdvisedCommand(
                "keyvault", "repair", "--name", vault, effect: "takes out what doesn't belong there"
            )
        case .openScope(let scope, let store):
            return AdvisedCommand("ls", effect: "opens the scope, which adopts the newest version")
                .in(store, .scope(scope))
        case .followKey(let scope, let key, let store):
            return AdvisedCommand(
                "encryption", "update", "--key", key.description,
                effect: "has the scope follow the newest version"
            ).in(store, .scope(scope))
        case .rewrap(let scope, let key, let store):
            return AdvisedCommand(
                "rewrap", "--from", key.version ?? key.description, effect: "wraps them anew"
            ).in(store, .scope(scope))
        case .forgetStore(let path, let key):
            return AdvisedCommand(
                ["keyvault", "key", "retire", "--id", key.description]
                    + AdvisedCommand.option("--forget-store", path),
                effect: "retires it all the same, if that store is gone for good or was moved")
        case .confirmAccess:
            return AdvisedCommand(
                "barrier", effect: "names the processes that have not confirmed, as stopped ones")
        case .adoptBarrier:
            return AdvisedCommand(
                "barrier", "--adopt",
                effect: "adopts it, once every process has ended that used these vaults before")
        case .putTree(let path):
            return AdvisedCommand("put", "-r", effect: "stores what is in it")
                .in(nil, .givenScope, [path])
        case .getTree(let name):
            let directory = name.split(separator: "/").last.map(String.init) ?? name
            return AdvisedCommand("get", "-r", "-o", "./\(directory)", effect: "gets what is in it")
                .in(nil, .givenScope, [name])
        case .removeTree(let name):
            return AdvisedCommand("rm", "-r", effect: "removes what is in it")
                .in(nil, .givenScope, [name])
        case .removeObject(let name):
            return AdvisedCommand("rm", effect: "removes the object")
                .in(nil, .givenScope, [name])
        case .breakLease(let name):
            return AdvisedCommand("lease", "break", effect: "ends it, whoever has it")
                .in(nil, .givenScope, [name])
        case .endHold(let name):
            return AdvisedCommand("hold", effect: "takes that back")
                .in(nil, .givenScope, [name, "off"])
        case .getAlone, .restoreKey, .restoreVault, .restoreApart: return nil
        }
    }
}

extension Remedy.MachineChange {
    fileprivate var command: AdvisedCommand? {
        switch self {
        case .makePrivate(let path):
            AdvisedCommand(program: "chmod", "600", path, effect: "keeps others out")
        case .denyOthersWriting(let path):
            AdvisedCommand(
                program: "chmod", "go-w", path,
                effect: "keeps others from writing there, after a look at who has")
        case .removeBarrier(let paths):
            AdvisedCommand(
                program: "rm", "-f", paths,
                effect:
                    "removes it, once every process that uses these vaults has ended; then try again"
            )
        case .freeSpace, .raise, .runAsFileOwner, .restartProcesses, .setClock, .installFIPSModule:
            nil
        }
    }
}

extension AdvisedCommand {
    /// A line of another program's.
    fileprivate init(program: String, _ option: String, _ path: String, effect: String) {
        self.init(program: program, option, [path], effect: effect)
    }

    fileprivate init(program: String, _ option: String, _ paths: [String], effect: String) {
        self.init(option, effect: effect)
        self.program = program
        operands = paths
    }

    /// The same command on another store, in a scope, or on these operands.
    fileprivate func `in`(
        _ store: String?, _ place: Place = .store, _ operands: [String] = []
    ) -> AdvisedCommand {
        var command = self
        command.store = store
        command.place = place
        command.operands = operands
        return command
    }
}
