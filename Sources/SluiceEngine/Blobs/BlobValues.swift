/// What a backend can do, and what it needs.
public struct BlobBackendProperties: Sendable, Hashable {
    /// The parts in which it must be written; nil if it takes any bytes at any offset.
    public var parts: BlobPartLimits?
    /// How many calls at a time it is good for: more only wait for each other. At least 1. Heeded for blobs that are
    /// written in parts; others are written by as many threads as there are processors.
    public var requestsInFlight: Int
    /// Whether a blob that is open can be read on when it is removed.
    public var openSurvivesRemoval: Bool
    /// Whether a listing may lack what was committed just now, and have what was removed just now.
    public var listingsLag: Bool
    /// Whether those who write hold locks, which die with them and show that they live: then
    /// ``BlobBackend/recover(_:)`` settles what the dead have left.
    public var locksShowWriters: Bool

    /// The properties of a backend with locks, by default; the others are those of files.
    public init(
        parts: BlobPartLimits? = nil, requestsInFlight: Int = 64, openSurvivesRemoval: Bool = true,
        listingsLag: Bool = false, locksShowWriters: Bool = true
    ) {
        precondition(requestsInFlight >= 1, "a backend takes a call at a time at least")
        self.parts = parts
        self.requestsInFlight = requestsInFlight
        self.openSurvivesRemoval = openSurvivesRemoval
        self.listingsLag = listingsLag
        self.locksShowWriters = locksShowWriters
    }
}

/// How a blob is going to be written.
public struct BlobPlan: Sendable, Hashable {
    /// About how many bytes it will have, if that is known: it may come to have fewer, where they are compressed, or
    /// more.
    public let expectedByteCount: Int?
    /// The parts that it is written in; nil where the backend takes any.
    public let parts: BlobParts?
    /// Whether its commit needn't make it durable, for that is asked for later (``BlobBackend/makeDurable(_:)``): till
    /// then it need only outlive the process, and may not be seen. A backend may make it durable at once.
    public let isDurableLater: Bool

    /// A plan for a backend with these properties.
    public init(
        expectedByteCount: Int?, for properties: BlobBackendProperties, isDurableLater: Bool = false
    ) {
        self.expectedByteCount = expectedByteCount
        self.isDurableLater = isDurableLater
        parts = properties.parts.map { BlobParts($0, expectedByteCount: expectedByteCount) }
    }
}

/// A blob of a backend.
public struct BlobEntry: Sendable, Hashable {
    /// The blob's name, 16 bytes.
    public let objectID: [UInt8]
    /// How many bytes it has, or should have.
    public let byteCount: Int

    /// A blob of this name and size.
    public init(objectID: [UInt8], byteCount: Int) {
        self.objectID = objectID
        self.byteCount = byteCount
    }
}

/// Some of a backend's blobs.
public struct BlobPage: Sendable, Hashable {
    /// The blobs, in the order of their ids.
    public let entries: [BlobEntry]
    /// Where the next page begins; nil if this is the last.
    public let next: BlobCursor?

    /// A page of a listing.
    public init(entries: [BlobEntry], next: BlobCursor?) {
        self.entries = entries
        self.next = next
    }
}

/// A place in a listing, which only the backend that gave it can read.
public struct BlobCursor: Sendable, Hashable {
    /// What the backend made it of.
    public let text: String

    /// A cursor that the backend knows again by `text`.
    public init(_ text: String) {
        self.text = text
    }
}
