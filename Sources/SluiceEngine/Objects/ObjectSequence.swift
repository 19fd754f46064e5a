internal import SluiceAccess

/// The objects below a prefix, in byte order of their names; see ``Store/objects(under:in:)``.
///
/// They are asked for in pages: each is as the store is when its page is. What is already here of a page when access is
/// taken away is still given; the next page is refused.
public struct ObjectSequence: AsyncSequence, Sendable {
    let prefix: String
    let begin: @Sendable (ListOptions) throws(StoreError) -> Listing

    /// Objects of a page.
    static let pageObjectCount = 1000

    /// Begins with the first name.
    public func makeAsyncIterator() -> Iterator {
        Iterator(
            options: ListOptions(prefix: prefix, limit: Self.pageObjectCount), begin: begin)
    }

    /// A way through the objects, for one task.
    public struct Iterator: AsyncIteratorProtocol {
        let options: ListOptions
        let begin: @Sendable (ListOptions) throws(StoreError) -> Listing
        private var listing: Listing?
        private var page: ArraySlice<ListEntry> = []

        init(
            options: ListOptions,
            begin: @escaping @Sendable (ListOptions) throws(StoreError) -> Listing
        ) {
            self.options = options
            self.begin = begin
        }

        /// The next object; nil after the last. Throws what ``Listing/nextPage()`` does.
        public mutating func next() async throws(StoreError) -> ObjectInfo? {
            while true {
                while let entry = page.popFirst() {
                    if case .object(let info) = entry { return info }
                }
                if listing == nil { listing = try begin(options) }
                guard let next = try await listing?.nextPage() else { return nil }
                page = next.entries[...]
            }
        }
    }
}
