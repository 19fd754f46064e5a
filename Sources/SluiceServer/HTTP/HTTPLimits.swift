/// What a client may send, and for how long it may be silent. Each has its answer: 414 for the target, 431 for the head,
/// 413 for a body that is taken whole, 408 for time, 503 for connections.
public struct HTTPLimits: Sendable {
    /// The bytes of a request's head.
    public var headByteCount = 64 << 10
    /// The fields of a head.
    public var fieldCount = 200
    /// The bytes of a request's target.
    public var targetByteCount = 16 << 10
    /// The bytes of a body that a plane takes whole: templates and JSON.
    public var wholeBodyByteCount = 4 << 20
    /// The bytes of a body on their way between socket and plane, or plane and socket, for each connection.
    public var bytesInFlight = 1 << 20
    /// How long a head may take from its first byte.
    public var headSeconds = 20
    /// How long a client may leave a body or an answer where it is.
    public var stallSeconds = 60
    /// How long a connection may wait for its next request.
    public var idleSeconds = 120
    /// How many connections there may be; fewer if the system's limit of open files says so.
    public var connectionCount = 1024

    /// The defaults.
    public init() {}
}
