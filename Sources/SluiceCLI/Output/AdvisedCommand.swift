internal import Sluice

/// A command line that carries out a remedy: it can be pasted, and works.
struct AdvisedCommand {
    /// In which scope a command works.
    enum Place {
        /// In none.
        case store
        /// In the one that the user named.
        case givenScope
        /// In this one.
        case scope(String)
    }

    /// The program; only `sluice` is given the options with which the user said where the store is.
    var program = SluiceCommand.name
    /// The command's name, and its own options.
    let words: [String]
    /// What it works on.
    var operands: [String] = []
    /// The store's directory, if it is another than the one in use.
    var store: String?
    var place = Place.store
    /// What it does, as in "lists those there are".
    let effect: String

    init(_ words: String..., effect: String) {
        self.words = words
        self.effect = effect
    }

    init(_ words: [String], effect: String) {
        self.words = words
        self.effect = effect
    }

    /// The line's words, with the options that say which store, vaults and scope are meant.
    func words(with options: GlobalOptions?) -> [String] {
        var line = [program] + words
        if program == SluiceCommand.name {
            line +=
                options?.givenPlaces(store: store) ?? store.map { Self.option("--store", $0) } ?? []
            switch place {
            case .store: break
            case .givenScope: line += options?.scope.map { ["--scope", $0.description] } ?? []
            case .scope(let name): line += name == "default" ? [] : ["--scope", name]
            }
        }
        if operands.contains(where: { $0.hasPrefix("-") }) { line.append("--") }
        return line + operands
    }

    /// An option and its value, be that like an option itself.
    static func option(_ name: String, _ value: String) -> [String] {
        value.hasPrefix("-") ? ["\(name)=\(value)"] : [name, value]
    }
}
