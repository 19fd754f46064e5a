#if Service
public import Logging
public import Sluice

/// How a server is started.
public struct ServerOptions: Sendable {
    /// Where a server keeps what it has.
    public enum Home: Hashable, Sendable {
        /// In a new directory, which goes when the server stops.
        case ephemeral
        /// In this directory, which is made if it isn't there.
        case directory(String)
    }

    /// Where the server keeps what it has.
    public var home: Home
    /// What it listens on.
    public var host = "127.0.0.1"
    /// On which port; 0 for one of the system's choice.
    public var port = 0
    /// Where the home's root key comes from.
    public var rootKey = RootKeySource.file()
    /// What clients may send, and how long they may take.
    public var limits = HTTPLimits()
    /// Whether any process of this machine gets tokens of managed identities.
    public var servesMachineIdentity = false
    /// With which password clients of other machines may use the proxy, and Microsoft's names; without one, none may.
    public var proxyPassword: String?
    /// How long requests that are under way may take to end when the server stops.
    public var stopSeconds = 10
    /// Is told of requests, without secrets.
    public var logger: Logger?

    /// The defaults.
    public init(home: Home = .ephemeral) { self.home = home }
}
#endif
