/// The parameters of a request's query, decoded; names are found whatever their case.
public struct BlobQuery: Sendable {
    /// In order; a name may come more than once.
    public let pairs: [(name: String, value: String)]

    /// How many a request may have.
    public static let most = 100

    /// Throws `InvalidQueryParameterValue` for what isn't percent-encoded UTF-8, and `InvalidInput` for too many.
    public init(_ query: String) throws(BlobRefusal) {
        guard let pairs = PercentEncoding.pairs(query) else {
            throw BlobRefusal(
                .invalidQueryParameterValue, "The query isn't percent-encoded UTF-8.")
        }
        guard pairs.count <= Self.most else {
            throw BlobRefusal(.invalidInput, "The query has more than \(Self.most) parameters.")
        }
        self.pairs = pairs
    }

    /// The first value of a name.
    public subscript(_ name: String) -> String? {
        pairs.first { $0.name.equalsIgnoringCase(name) }?.value
    }

    /// A name's value, of which an empty one counts as none.
    public func present(_ name: String) -> String? { self[name].flatMap { $0.isEmpty ? nil : $0 } }
}
