/// What a listing of containers or blobs asks for.
public struct ListingRequest: Hashable, Sendable {
    /// What is shown besides what always is.
    public enum Detail: String, Sendable {
        /// Metadata; of blobs that needs the key.
        case metadata
        /// Snapshots of blobs.
        case snapshots
        /// What is soft-deleted.
        case deleted
        /// The copies that made blobs.
        case copy
        /// Blobs that have blocks but weren't committed.
        case uncommittedblobs
        /// `$logs` and the like, of containers.
        case system
    }

    /// The most names of a page.
    public static let mostNames = 5000

    /// What names begin with.
    public let prefix: String
    /// What ends the first part of a name behind the prefix, which stands for all that have it; nil for a flat listing.
    public let delimiter: String?
    /// Where the last page ended; nil for the first.
    public let marker: String?
    /// The most names of the page.
    public let most: Int
    /// What the client said of that, to be given back.
    let mostAsked: Int?
    /// What is shown besides.
    public let details: Set<Detail>

    /// Reads a listing's query.
    ///
    /// Throws `OutOfRangeQueryParameterValue` for a page of no names, `InvalidQueryParameterValue` for what is no number and
    /// for details that there are none of, and `NotImplemented` for those that aren't emulated and for Arrow.
    public init(_ route: BlobRoute, _ headers: HeaderFields) throws(BlobRefusal) {
        let query = route.parameters
        guard headers["Accept"]?.lowercased().contains("vnd.apache.arrow") != true else {
            throw .notEmulated("Listings in Arrow")
        }
        prefix = query["prefix"] ?? ""
        delimiter = route.operation == .listBlobs ? query.present("delimiter") : nil
        marker = query.present("marker")
        if let text = query.present("maxresults") {
            guard let number = Int(text) else { throw .query("maxresults", text) }
            guard number > 0 else {
                throw .query(
                    "maxresults", text, "It is at least 1.", .outOfRangeQueryParameterValue)
            }
            mostAsked = number
            most = min(number, Self.mostNames)
        } else {
            mostAsked = nil
            most = Self.mostNames
        }
        var details: Set<Detail> = []
        for name in (query["include"] ?? "").split(separator: ",") {
            let name = name.lowercased()
            if let feature = Self.unemulated[name] { throw .notEmulated(feature) }
            guard let detail = Detail(rawValue: name), Self.allows(detail, route.operation) else {
                throw .query("include", name)
            }
            details.insert(detail)
        }
        self.details = details
    }

    private static let unemulated = [
        "versions": "Versions of blobs", "deletedwithversions": "Versions of blobs",
        "tags": "Tags of blobs", "immutabilitypolicy": "Immutability policies",
        "legalhold": "Legal holds", "permissions": "Permissions of blobs",
    ]

    private static func allows(_ detail: Detail, _ operation: BlobOperation) -> Bool {
        switch detail {
        case .metadata, .deleted: true
        case .system: operation == .listContainers
        case .snapshots, .copy, .uncommittedblobs: operation == .listBlobs
        }
    }
}
