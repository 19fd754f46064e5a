#if Service
internal import SluiceREST

/// What answers for a kind of host. A new one is added to ``Planes``.
///
/// It is asked on threads that may wait, several at once, and never on an event loop.
protocol Plane: Sendable {
    /// How the body of a request is to come. Asked on the event loop: of the head alone, and without waiting.
    func bodyHandling(of request: ServiceRequest) -> BodyHandling

    /// Answers, by one call of ``Exchange/send(_:)`` or ``Exchange/stream(_:_:byteCount:)``; what it throws is
    /// answered as ``Planes`` says, if no answer has begun.
    func answer(_ exchange: Exchange) throws

    /// A refusal in the words of this plane.
    func answer(to error: ServiceError, _ request: ServiceRequest) -> ServiceAnswer
}

extension Plane {
    func bodyHandling(of request: ServiceRequest) -> BodyHandling { .whole }

    func answer(to error: ServiceError, _ request: ServiceRequest) -> ServiceAnswer {
        error.answer
    }
}

/// How the body of a request is to come.
enum BodyHandling {
    /// All of it, before the plane is asked: no thread waits for a slow client. 413 if it is too long.
    case whole
    /// Bit by bit, while the plane reads.
    case streamed
}

/// Which plane answers for which kind of host: the one table of routes.
struct Planes: Sendable {
    private let planes: [HostKind: any Plane]

    init(_ planes: [HostKind: any Plane]) { self.planes = planes }

    /// The plane of a request, and what the request is to it.
    func plane(of request: ServiceRequest, _ host: HostName) -> (plane: any Plane, kind: HostKind) {
        let kind = Self.kind(request, host)
        return (planes[kind] ?? MissingPlane(kind: kind), kind)
    }

    /// This machine's own address has the server itself, managed identities, and accounts by path.
    private static func kind(_ request: ServiceRequest, _ host: HostName) -> HostKind {
        if request.path.hasPrefix("/.sluice/") { return .server }
        guard host.kind == .server else { return host.kind }
        switch request.path {
        case "/healthz", "/metrics", "/": return .server
        case "/metadata/identity/oauth2/token", "/msi/token": return .identity
        default: return .blob
        }
    }
}

/// Of a plane that this version doesn't have: 501 with its name.
private struct MissingPlane: Plane {
    let kind: HostKind

    func answer(_ exchange: Exchange) throws {
        throw ServiceError(
            501, "NotImplemented",
            "Sluice doesn't have the service '\(kind.rawValue)' that \(exchange.request.host) is; "
                + "nothing was sent to it.")
    }
}
#endif
