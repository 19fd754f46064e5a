internal import SluiceAccess
internal import Synchronization

/// A listing that is asked for page by page; see ``Store/listing(_:in:)``.
///
/// The pages together take as long as one page of everything. Each is as the store is when it is asked for, as
/// if ``Store/list(_:in:)`` had been asked for what comes after the last entry: objects that were put or removed
/// meanwhile are there or not. Between pages the listing keeps the names that are still to come in the directories
/// that it is in, unless these have a run: for each 32 bytes, and the name. They are let go after the last page, and when access to the
/// scope's key is taken away: then a page throws ``StoreError/Code/accessDenied``, and once there is access
/// again, the next goes on where the last ended. Thread-safe: each page is given to one caller.
public final class Listing: Sendable {
    private struct State {
        var walk: SortedWalk?
        /// Where the next page begins.
        var after: [UInt8]?
        var hasEnded = false
    }

    private let listings: Listings
    /// What is not to end before this does.
    private let owner: any AnyObject & Sendable
    private let scopeName: ScopeName
    private let options: ListOptions
    private let state: Mutex<State>
    /// Whose names are kept.
    private let scope = Mutex<Scope?>(nil)
    private let mustDrop = Atomic<Bool>(false)

    init(
        _ options: ListOptions, in scopeName: ScopeName, of listings: Listings,
        keeping owner: any AnyObject & Sendable
    ) {
        self.listings = listings
        self.owner = owner
        self.scopeName = scopeName
        self.options = options
        state = Mutex(State(after: options.after?.utf8))
    }

    /// The next page, of at most ``ListOptions/limit`` entries; nil after the last. The first may be empty.
    @available(*, noasync)
    public func nextPage() throws(StoreError) -> ListPage? {
        try makePage()
    }

    /// The next page. See the synchronous method.
    public func nextPage() async throws(StoreError) -> ListPage? {
        try await listings.runner.run { _ throws(StoreError) in try self.makePage() }
    }

    private func makePage() throws(StoreError) -> ListPage? {
        defer { dropIfAsked() }
        return try state.withLock { state throws(StoreError) in
            guard !state.hasEnded else { return nil }
            do throws(StoreError) {
                try listings.context.checkOpen()
                return try nextPage(&state)
            } catch {
                drop(&state)
                throw error
            }
        }
    }

    private func nextPage(_ state: inout State) throws(StoreError) -> ListPage {
        guard let scope = try listings.registry.scopeForRead(scopeName) else {
            state.hasEnded = true
            return ListPage(entries: [], next: nil)
        }
        // What another opening of the scope has found is not taken over.
        if let walk = state.walk, walk.scope !== scope { drop(&state) }
        if state.walk == nil {
            self.scope.withLock { $0 = scope }
            state.walk = try SortedWalk(
                options, after: state.after, in: scope, listings.finder, listings.runs)
        } else {
            try state.walk?.lookAgain()
        }
        let made = try state.walk?.page(limit: options.limit)
        var reading = try listings.authorizer.reading(scope)
        let page = try listings.access.release(&reading) {
            made ?? ListPage(entries: [], next: nil)
        }
        state.after = page.next?.utf8
        if page.next == nil {
            state.hasEnded = true
            drop(&state)
        }
        return page
    }

    // MARK: Letting go

    /// The scope that the kept names are of; nil if none are kept.
    var keptScope: Scope? { scope.withLock { $0 } }

    /// How many names are kept, listed ones included.
    var keptNameCount: Int { state.withLock { $0.walk?.keptNameCount ?? 0 } }

    /// Wipes the names that are kept. Doesn't wait: if a page is being made, whoever makes it does it after that.
    func drop() {
        mustDrop.store(true, ordering: .sequentiallyConsistent)
        dropIfAsked()
    }

    private func dropIfAsked() {
        while mustDrop.load(ordering: .sequentiallyConsistent) {
            let isDone: Void? = state.withLockIfAvailable { state in
                mustDrop.store(false, ordering: .sequentiallyConsistent)
                drop(&state)
            }
            if isDone == nil { return }
        }
    }

    private func drop(_ state: inout State) {
        state.walk?.removeAll()
        state.walk = nil
        scope.withLock { $0 = nil }
    }
}
