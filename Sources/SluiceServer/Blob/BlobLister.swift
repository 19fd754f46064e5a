#if Service
internal import Sluice
internal import SluiceREST

/// Walks through a page of a container's blobs: names that have a delimiter behind the prefix stand together.
struct BlobLister {
    let store: Store
    let scope: ScopeName
    let listing: ListingRequest

    private static let separator = "/"

    /// Calls `body` for each entry; the marker of the next page, nil after the last.
    mutating func list(_ body: (ListEntry) throws -> Void) throws -> String? {
        guard let delimiter = listing.delimiter, delimiter != Self.separator else {
            return try listPlain(body)
        }
        return try listGrouped(by: delimiter, body)
    }

    /// By the store's own order: flat, or by directories.
    private func listPlain(_ body: (ListEntry) throws -> Void) throws -> String? {
        var options = ListOptions(
            prefix: listing.prefix, isRecursive: listing.delimiter == nil, limit: listing.most)
        options.after = try listing.marker.map { try ObjectName($0) }
        let page = try store.list(options, in: scope)
        for entry in page.entries { try body(entry) }
        return page.next?.description
    }

    /// By another delimiter: all names are looked at.
    private func listGrouped(
        by delimiter: String, _ body: (ListEntry) throws -> Void
    ) throws -> String? {
        var options = ListOptions(prefix: listing.prefix, limit: 5000)
        options.after = try listing.marker.map { try ObjectName($0) }
        var last = listing.marker.flatMap { $0.hasSuffix(delimiter) ? $0 : nil }
        var count = 0
        while true {
            let page = try store.list(options, in: scope)
            for case .object(let info) in page.entries {
                let name = info.name.description
                if let group = last, name.hasPrefix(group) { continue }
                if count == listing.most { return last ?? options.after?.description }
                count += 1
                let rest = name.dropFirst(listing.prefix.count)
                if let found = rest.firstRange(of: delimiter) {
                    let group = String(name[..<found.upperBound])
                    last = group
                    try body(.directory(try ObjectName(group)))
                } else {
                    last = nil
                    try body(.object(info))
                }
                options.after = info.name
            }
            guard let next = page.next else { return nil }
            options.after = next
        }
    }
}
#endif
