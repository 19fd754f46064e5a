internal import ArgumentParser
internal import Sluice
internal import SluiceNative

/// `sluice init`.
struct InitCommand: GlobalCommand {
    static let configuration = CommandConfiguration(
        commandName: "init", _superCommandName: SluiceCommand.name,
        abstract: "Make the store, its vaults and its identity, if they aren't there.",
        usage: "sluice init [<options>]",
        discussion: """
            The first `put` makes them, too; this is for those who want to give the store's \
            identity a key of their own before anything is stored, or choose where the root key \
            is. What is there already is left as it is, and said.

            EXAMPLES:
              sluice init
              sluice init --store /srv/store --vaults /srv/vaults --root-key /media/usb/key
              sluice init --passphrase-file /run/passphrase
            """)

    @OptionGroup var global: GlobalOptions

    func run() throws {
        let location = try global.location()
        let hadVaults = try FileSystem.exists(location.vaults)
        let document = try global.session.write(createIfMissing: true) { store, _ in
            let isStoreNew = store.isNew
            // Proves that the vaults can be opened with this root key, too.
            try store.prepareDefaultScope()
            return Document(
                store: location.store, vaults: location.vaults,
                objectId: store.identity.objectID, isStoreNew: isStoreNew,
                areVaultsNew: !hadVaults)
        }
        try global.output.print(document, text: document.text)
    }
}

extension InitCommand {
    private struct Document: Encodable {
        let store: String
        let vaults: String
        let objectId: String
        let isStoreNew: Bool
        let areVaultsNew: Bool

        var text: String {
            var fields = Table(.left, .left)
            fields.append(["store", store + (isStoreNew ? "" : " (was there already)")])
            fields.append(["vaults", vaults + (areVaultsNew ? "" : " (were there already)")])
            fields.append(["object id", objectId])
            return fields.text + """

                `sluice put FILE` stores a file under the platform's key. To hold the key yourself:
                  sluice keyvault key create --name mine
                  sluice keyvault set-policy --name default --object-id \(objectId) \\
                    --key-permissions get wrapKey unwrapKey
                  sluice scope create private --key https://default.vault.localhost/keys/mine
                """ + "\n"
        }
    }
}
