internal import ArgumentParser
internal import Sluice

/// `--if-match`: what an object must be for something to be done with it.
struct MatchOption: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Only if it has this entity tag, as `sluice stat` shows; * for any.", valueName: "tag"))
    var ifMatch: String?

    /// What is asked.
    var condition: Condition {
        switch ifMatch {
        case nil: .always
        case "*"?: .present
        case let tag?: .matches(EntityTag(tag))
        }
    }
}

/// `--if-none-match`: what an object must not be.
struct NoneMatchOption: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Only if it has another entity tag, or isn't there; * if it isn't there.",
            valueName: "tag"))
    var ifNoneMatch: String?

    /// What is asked.
    var condition: Condition {
        switch ifNoneMatch {
        case nil: .always
        case "*"?: .absent
        case let tag?: .differs(from: EntityTag(tag))
        }
    }
}

/// `--lease`: that whoever changes an object has its lease.
struct LeaseOption: ParsableArguments {
    @Option(
        help: ArgumentHelp("The lease that it is under.", valueName: "id"),
        transform: LeaseID.parse)
    var lease: LeaseID?

    /// What is asked.
    var condition: Condition { lease.map { .leased(as: $0) } ?? .always }
}

extension LeaseID {
    /// Reads an id; for the parser's `transform`, which shows the error's reason.
    static func parse(_ text: String) throws -> LeaseID {
        guard let id = LeaseID(text) else {
            throw ValidationError("copy the UUID that `sluice lease acquire` printed")
        }
        return id
    }
}
