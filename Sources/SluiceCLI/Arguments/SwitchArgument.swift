internal import ArgumentParser

/// `true` or `false`, in any case; an option of this kind without a value says `true`, as with `az`.
///
/// It takes any text, and who has it must ask: to the parser, a value that is refused is none, and
/// none means `true`.
struct SwitchArgument: ExpressibleByArgument, CustomStringConvertible {
    /// What is meant when no value is given.
    static let on = SwitchArgument(argument: "true")

    let description: String

    init(argument: String) {
        description = argument
    }

    /// Nil if the text is neither.
    var isOn: Bool? { Bool(description.lowercased()) }
}
