/// What kind of service a host is; a plane answers for each.
package enum HostKind: String, CaseIterable, Sendable {
    /// Entra: tokens.
    case login
    /// Microsoft Graph.
    case graph
    /// The resource interface, ARM.
    case management
    /// A key vault.
    case vault
    /// A storage account's blobs.
    case blob
    /// A storage account's files, of a hierarchical namespace.
    case dfs
    /// A model service by its account's name.
    case openAI
    /// A Cognitive Services account by its name, or its region.
    case cognitive
    /// A Foundry resource by its name.
    case foundry
    /// The machine-learning service of a region.
    case machineLearning
    /// Tokens of managed identities, on this machine's own address.
    case identity
    /// The server itself: health, counts, whether it is there.
    case server
}

/// A host that is emulated: what it is, and of whom.
package struct HostName: Hashable, Sendable {
    /// What it is.
    package let kind: HostKind
    /// The vault, the account or the region that the name begins with; nil where there is one for all.
    package let name: String?
    /// Whether the name is one of Microsoft's, which only clients of this machine get an answer for.
    package let isMicrosofts: Bool

    /// Hosts with one name.
    private static let whole: [(host: String, local: String, kind: HostKind)] = [
        ("login.microsoftonline.com", "login.localhost", .login),
        ("graph.microsoft.com", "graph.localhost", .graph),
        ("management.azure.com", "arm.localhost", .management),
    ]
    /// Domains of which each host is somebody's.
    private static let domains: [(domain: String, local: String?, kind: HostKind)] = [
        ("vault.azure.net", "vault.localhost", .vault),
        ("blob.core.windows.net", "blob.core.localhost", .blob),
        ("dfs.core.windows.net", "dfs.core.localhost", .dfs),
        ("openai.azure.com", nil, .openAI),
        ("cognitiveservices.azure.com", nil, .cognitive),
        ("services.ai.azure.com", nil, .foundry),
        ("api.cognitive.microsoft.com", nil, .cognitive),
        ("api.azureml.ms", nil, .machineLearning),
    ]
    /// This machine by itself.
    package static let addresses = ["127.0.0.1", "::1"]

    /// What a host is; nil if it isn't emulated.
    package init?(_ host: String) {
        if let whole = Self.whole.first(where: { $0.host == host || $0.local == host }) {
            self.init(whole.kind, nil, isMicrosofts: whole.host == host)
            return
        }
        if host == "localhost" || Self.addresses.contains(host) {
            self.init(.server, nil, isMicrosofts: false)
            return
        }
        guard let dot = host.firstIndex(of: "."), dot > host.startIndex else { return nil }
        let domain = host[dot...].dropFirst()
        guard
            let found = Self.domains.first(where: {
                $0.domain == domain || $0.local == domain[...].description
            })
        else { return nil }
        self.init(found.kind, String(host[..<dot]), isMicrosofts: found.domain == domain)
    }

    private init(_ kind: HostKind, _ name: String?, isMicrosofts: Bool) {
        self.kind = kind
        self.name = name
        self.isMicrosofts = isMicrosofts
    }

    /// What the server's certificate is for. A star stands for one label, and not directly before `localhost`, which
    /// clients take for no domain.
    package static var certified: [String] {
        whole.flatMap { [$0.host, $0.local] }
            + domains.flatMap { entry in
                ["*.\(entry.domain)"] + (entry.local.map { ["*.\($0)"] } ?? [])
            } + ["localhost"]
    }

    /// The domains that the authority may speak for.
    package static var permitted: [String] {
        whole.flatMap { [$0.host, $0.local] }
            + domains.flatMap { entry in [entry.domain] + (entry.local.map { [$0] } ?? []) }
            + ["localhost"]
    }
}
