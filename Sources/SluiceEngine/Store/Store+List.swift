internal import SluiceAccess
internal import SluiceFormat
internal import SluiceNative

extension Store {
    /// Lists objects and, if `options` are not recursive, directories, in byte order of names.
    ///
    /// A directory's names are sealed and so can't be sorted on disk: a listing opens every name of
    /// each directory that it enters, in a few microseconds each, and no name of any other. This one
    /// forgets them: for a large directory page by page, ask a ``listing(_:in:)``.
    @available(*, noasync)
    public func list(
        _ options: ListOptions = ListOptions(), in scopeName: ScopeName = .default
    ) throws(StoreError) -> ListPage {
        try listing(options, in: scopeName).nextPage() ?? ListPage(entries: [], next: nil)
    }

    /// Begins to list objects and, if `options` are not recursive, directories, in byte order of names, page by
    /// page: all pages together take as long as one of everything.
    ///
    /// Throws ``StoreError/Code/invalidArgument`` if a page is to have no entry.
    public func listing(
        _ options: ListOptions = ListOptions(), in scopeName: ScopeName = .default
    ) throws(StoreError) -> Listing {
        guard options.limit > 0 else {
            throw StoreError(.invalidArgument, "a page has at least one entry")
        }
        let listing = Listing(options, in: scopeName, of: self)
        openListings.add(listing)
        return listing
    }

    /// Writes bytes that hold names of some scopes' objects to standard output, each time through the gate: who
    /// reads them slowly gets none that are written after access to one of them was taken away.
    package func write(
        _ bytes: Span<UInt8>, namesOf scopeNames: [ScopeName]
    ) throws(StoreError) {
        var needs: Set<KeyUse> = []
        for name in scopeNames {
            guard let scope = try scopeForRead(name) else { throw Self.missingScope(name) }
            needs.insert(KeyUse(key: scope.record.currentKey, operation: .unwrapKey))
        }
        try Delivery(to: StandardOutput()).deliver(bytes, Halt(Cancellation())) {
            act throws(StoreError) in
            do throws(GateError<StoreError>) {
                return try access.release(under: needs, act)
            } catch {
                throw access.refused(error)
            }
        }
    }
}
