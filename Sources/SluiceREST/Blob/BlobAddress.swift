/// Which account, container and blob a request is about.
public struct BlobAddress: Hashable, Sendable {
    /// How the account is named.
    public enum Host: Hashable, Sendable {
        /// By the first label of the host.
        case account(String)
        /// By the path's first part.
        case pathStyle

        /// What a host's name says: `acct.blob.…` names an account; an address, or a name like `localhost`, none.
        public init(_ name: String) {
            if let dot = name.firstIndex(of: "."), name[dot...].hasPrefix(".blob."),
                dot > name.startIndex
            {
                self = .account(String(name[..<dot]))
            } else {
                self = .pathStyle
            }
        }
    }

    /// The account's name, without the ending of the second region.
    public let account: String
    /// Whether the second region is asked.
    public let isSecondary: Bool
    /// The container; nil for the account.
    public let container: String?
    /// The blob; nil for a container, or the account.
    public let blob: String?

    private static let secondary = "-secondary"

    /// The address in a path as it was sent.
    ///
    /// The container is split off before anything is decoded, since a blob's name may hold an encoded slash. A path of
    /// one part is a container if `isContainer` says so, and else a blob of `$root`. Names are decoded, not checked.
    ///
    /// Throws `InvalidUri` for a path that isn't percent-encoded UTF-8 or names no account.
    public init(path: String, host: Host, isContainer: Bool) throws(BlobRefusal) {
        var rest = path[...]
        guard rest.popFirst() == "/" else { throw Self.invalid(path) }
        var account: String
        switch host {
        case .account(let name): account = name
        case .pathStyle:
            let end = rest.firstIndex(of: "/") ?? rest.endIndex
            guard let name = PercentEncoding.decode(rest[..<end]), !name.isEmpty else {
                throw Self.invalid(path)
            }
            account = name
            rest = rest[end...].dropFirst()
        }
        isSecondary = account.hasSuffix(Self.secondary)
        if isSecondary { account.removeLast(Self.secondary.count) }
        self.account = account
        guard let slash = rest.firstIndex(of: "/") else {
            guard let name = PercentEncoding.decode(rest) else { throw Self.invalid(path) }
            let isBlob = !name.isEmpty && !isContainer
            container = name.isEmpty ? nil : isBlob ? "$root" : name
            blob = isBlob ? name : nil
            return
        }
        let name = rest[rest.index(after: slash)...]
        guard let container = PercentEncoding.decode(rest[..<slash]), !container.isEmpty,
            let blob = PercentEncoding.decode(name)
        else { throw Self.invalid(path) }
        self.container = container
        self.blob = blob.isEmpty ? nil : blob
        guard self.blob == nil || !isContainer else { throw Self.invalid(path) }
    }

    /// What a copy's source names: `scheme://host[:port]/path?query`, with a snapshot in its query.
    ///
    /// Throws `InvalidSourceBlobUrl` for what names no blob.
    public static func source(
        _ url: String
    ) throws(BlobRefusal) -> (address: BlobAddress, snapshot: String?, host: String, query: String)
    {
        let refused = BlobRefusal(.invalidSourceBlobUrl, "The copy's source names no blob.")
        guard url.utf8.count <= 8192, let scheme = url.firstIndex(of: ":"),
            ["http", "https"].contains(url[..<scheme].lowercased()),
            url[scheme...].hasPrefix("://")
        else { throw refused }
        let rest = url[scheme...].dropFirst(3)
        guard let slash = rest.firstIndex(of: "/") else { throw refused }
        var host = rest[..<slash].lowercased()
        if let colon = host.lastIndex(of: ":"), host[colon...].dropFirst().allSatisfy(\.isNumber) {
            host = String(host[..<colon])
        }
        let end = rest.firstIndex { $0 == "?" || $0 == "#" } ?? rest.endIndex
        guard slash < end else { throw refused }
        var query = rest[end...].prefix { $0 != "#" }
        if query.first == "?" { query = query.dropFirst() }
        let address: BlobAddress
        do {
            address = try BlobAddress(
                path: String(rest[slash..<end]), host: Host(host), isContainer: false)
        } catch { throw refused }
        guard address.blob != nil, let parameters = PercentEncoding.pairs(query) else {
            throw refused
        }
        let snapshot = parameters.first { $0.name.equalsIgnoringCase("snapshot") }?.value
        guard !parameters.contains(where: { $0.name.equalsIgnoringCase("versionid") }) else {
            throw .notEmulated("Versions of blobs")
        }
        return (address, snapshot, host, String(query))
    }

    private static func invalid(_ path: String) -> BlobRefusal {
        BlobRefusal(
            .invalidUri, "The path names no account, container or blob: \(path.prefix(200))")
    }
}
