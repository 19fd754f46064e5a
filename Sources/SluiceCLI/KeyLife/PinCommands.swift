internal import ArgumentParser
internal import Sluice

/// `sluice pin`.
struct PinCommand: GlobalCommand {
    static let configuration = CommandConfiguration(
        commandName: "pin", _superCommandName: SluiceCommand.name,
        abstract: "Keep an object, as it is now, readable through any revocation.",
        usage: "sluice pin <name> [--at <time>] [<options>]",
        discussion: """
            What a pin needs to be read is held under the platform's key, apart from the object: \
            neither a change of the object nor of access to its key ends it, `sluice unpin` does. \
            Pins are the one exception to revocation. A pin of an object that takes a provided key \
            takes it once: who reads the pin needs it no more.

            EXAMPLE:
              sluice pin model.bin --scope private
              sluice get --pin <pin> -o model.bin
            """)

    @Argument(help: "The object's name.")
    var name: String

    @OptionGroup var version: VersionOption
    @OptionGroup var providedKey: ProvidedKeyOption
    @OptionGroup var global: GlobalOptions

    func run() throws {
        let own = try ObjectName(name)
        let condition = try providedKey.condition()
        let pin = try global.session.write { store, _ in
            let name = try version.name(own, in: store, global.scopeName)
            return try global.tellingTrees(of: name, in: store) {
                try store.pin(name, in: global.scopeName, if: condition)
            }
        }
        let output = global.output
        try output.print(
            PinDocument(pin),
            text: "pinned \(output.shown(pin.object.name.description)) as \(pin.id)\n")
    }
}

/// `sluice unpin`.
struct UnpinCommand: GlobalCommand {
    static let configuration = CommandConfiguration(
        commandName: "unpin", _superCommandName: SluiceCommand.name,
        abstract: "End a pin; what only it has held is gone.",
        usage: "sluice unpin <pin> [<options>]")

    @Argument(
        help: "The pin: 32 hexadecimal digits, as `sluice pins` shows.", transform: PinID.init)
    var pin: PinID

    @OptionGroup var global: GlobalOptions

    func run() throws {
        try global.session.write { store, _ in try store.unpin(pin) }
        try global.output.print(Document(id: pin.description), text: "ended the pin \(pin)\n")
    }

    private struct Document: Encodable {
        let id: String
    }
}

/// `sluice pins`.
struct PinsCommand: GlobalCommand {
    static let configuration = CommandConfiguration(
        commandName: "pins", _superCommandName: SluiceCommand.name,
        abstract: "List the pins of all scopes, the oldest first.",
        usage: "sluice pins [<options>]",
        discussion: "Works while access to the objects' keys is revoked.")

    @OptionGroup var global: GlobalOptions

    func run() throws {
        try global.session.read { store in
            let pins = try store.pins()
            try global.output.print(
                pins.map { PinDocument($0) }, text: text(pins),
                namesOf: pins.isEmpty ? [] : [.pins], in: store)
        }
    }

    private func text(_ pins: [PinInfo]) -> String {
        let output = global.output
        var table = Table(
            .left, .left, .right, .left, .left,
            titles: ["PIN", "SCOPE", "SIZE", "PINNED (UTC)", "NAME"])
        for pin in pins {
            table.append([
                pin.id.description, pin.scope.description, Quantity.bytes(pin.object.byteCount),
                Timestamp(milliseconds: pin.pinnedMilliseconds).inTable,
                output.shown(pin.object.name.description),
            ])
        }
        return table.text
    }
}

/// A pin as `--json` prints it.
private struct PinDocument: Encodable {
    let id: String
    let scope: String
    let pinned: String
    let object: ObjectDocument

    init(_ pin: PinInfo) {
        id = pin.id.description
        scope = pin.scope.description
        pinned = Timestamp(milliseconds: pin.pinnedMilliseconds).description
        object = ObjectDocument(pin.object)
    }
}
