internal import SluiceAccess
internal import SluiceNative

/// Begins listings, and knows those that go on. Thread-safe.
final class Listings: Sendable, StoreComponent {
    let context: StoreContext
    let registry: ScopeRegistry
    let finder: ObjectFinder
    let authorizer: ReadAuthorizer
    let runner: OperationRunner
    let runs: ListingRuns
    /// Those that have begun: names that they keep are to go when access does.
    let begun = OpenListings()

    init(
        context: StoreContext, registry: ScopeRegistry, finder: ObjectFinder,
        authorizer: ReadAuthorizer, runner: OperationRunner, runs: ListingRuns
    ) {
        self.context = context
        self.registry = registry
        self.finder = finder
        self.authorizer = authorizer
        self.runner = runner
        self.runs = runs
    }

    /// See ``Store/listing(_:in:)``.
    ///
    /// - Parameter owner: What is not to end before the listing does.
    func begin(
        _ options: ListOptions, in scopeName: ScopeName, keeping owner: any AnyObject & Sendable
    ) throws(StoreError) -> Listing {
        guard options.limit > 0 else {
            throw StoreError(.invalidArgument, "a page has at least one entry")
        }
        guard options.isRecursive || !options.listsVersions else {
            throw StoreError(.invalidArgument, "versions are listed without directories")
        }
        let listing = Listing(options, in: scopeName, of: self, keeping: owner)
        begun.add(listing)
        return listing
    }

    /// See ``Store/versions(of:in:)``.
    func versions(
        of name: ObjectName, in scopeName: ScopeName
    ) throws(StoreError) -> [ObjectInfo] {
        try context.checkOpen()
        guard let scope = try registry.scopeForRead(scopeName) else { return [] }
        let objects = try finder.versions(of: name, in: scope)
        var reading = try authorizer.reading(scope)
        return try access.release(&reading) { () throws(StoreError) in
            var infos: [ObjectInfo] = []
            for object in objects { infos.append(try object.info) }
            return infos.sorted { $0.name < $1.name }
        }
    }

    /// See ``Store/write(_:namesOf:)``.
    func write(
        _ bytes: Span<UInt8>, namesOf scopeNames: [ScopeName]
    ) throws(StoreError) {
        var needs: Set<KeyUse> = []
        for name in scopeNames {
            guard let scope = try registry.scopeForRead(name) else {
                throw StoreError.missingScope(name)
            }
            needs.insert(
                KeyUse(
                    key: scope.record.currentKey, operation: .unwrapKey, identity: scope.identity))
        }
        try Delivery(to: StandardOutput()).deliver(bytes, Halt(Cancellation())) {
            act throws(StoreError) in
            do throws(GateError<StoreError>) {
                return try access.permit.release(under: needs, act)
            } catch {
                throw access.refused(error)
            }
        }
    }
}
