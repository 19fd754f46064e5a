internal import SluiceNative

/// The listings of a store that have begun, for names that they keep are to go when access does. Thread-safe.
final class OpenListings: Sendable {
    private struct Place: Sendable {
        weak let listing: Listing?
    }

    private let places = Guarded<[Place]>([])

    func add(_ listing: Listing) {
        places.withLock { places in
            places.removeAll { $0.listing == nil }
            places.append(Place(listing: listing))
        }
    }

    var all: [Listing] {
        places.withLock { places in places.compactMap(\.listing) }
    }
}
