internal import Sluice

/// What there is in the place of an object or a tree that isn't there.
extension GlobalOptions {
    /// Runs `body`, which works on an object; if there is a tree of that name in its place, says so, and what to do:
    /// `remedy`, or else a look at it.
    func tellingTrees<Result>(
        of name: ObjectName, in store: Store, _ remedy: Remedy? = nil,
        _ body: () throws -> Result
    ) throws -> Result {
        try explainingAbsence(body) {
            let name = name.description
            var options = ListOptions()
            options.prefix = name.utf8.last == UInt8(ascii: "/") ? name : name + "/"
            options.limit = 1
            guard try !store.list(options, in: scopeName).entries.isEmpty else { return nil }
            return StoreError(
                .notFound,
                "there is no object '\(name)', but there are objects below '\(options.prefix)'",
                about: .object(name),
                remedies: [remedy ?? .list(.objects(below: options.prefix))])
        }
    }

    /// Runs `body`, which gets a tree; if there is an object of that name in its place, says so.
    func tellingObjects<Result>(
        _ name: String, in store: Store, _ body: () throws -> Result
    ) throws -> Result {
        try explainingAbsence(body) {
            _ = try store.info(ObjectName(name), in: scopeName)
            return StoreError(
                .notFound, "'\(name)' is an object, with nothing below it", about: .object(name),
                remedies: [.other("leave -r out to get it")])
        }
    }

    /// Runs `body`; if it doesn't find what it is after, says what there is in its place, if anything.
    private func explainingAbsence<Result>(
        _ body: () throws -> Result, _ explanation: () throws -> StoreError?
    ) throws -> Result {
        do {
            return try body()
        } catch let error as StoreError where error.code == .notFound {
            guard case .object = error.subject, let explanation = try? explanation() else {
                throw error
            }
            throw explanation
        }
    }
}
