#if Service
internal import Logging
internal import NIOCore
internal import NIOSSL
internal import SluiceAccess
internal import SluiceNative
internal import SluiceREST
internal import Synchronization

/// What the connections of a server share. For any thread.
final class ServerCore: Sendable {
    let planes: Planes
    let limits: HTTPLimits
    let tls: NIOSSLContext
    let counts: ServerCounts
    let gate: ProxyGate
    private let logger: Logger?

    init(
        planes: Planes, limits: HTTPLimits, tls: NIOSSLContext, counts: ServerCounts,
        gate: ProxyGate, logger: Logger?
    ) {
        self.planes = planes
        self.limits = limits
        self.tls = tls
        self.counts = counts
        self.gate = gate
        self.logger = logger
    }

    /// Has a plane answer, on a thread of its own. Throws if there can be none.
    func start(_ exchange: Exchange, _ plane: any Plane) throws(SystemError) {
        counts.requestsUnderWay.add(1)
        let began = MonotonicClock.nowNanoseconds
        do throws(SystemError) {
            try Crew.start { [self] in
                run(exchange, plane)
                counts.requestsUnderWay.add(-1)
                note(exchange, nanoseconds: MonotonicClock.nowNanoseconds - began)
            }
        } catch {
            counts.requestsUnderWay.add(-1)
            throw error
        }
    }

    private func run(_ exchange: Exchange, _ plane: any Plane) {
        do {
            try plane.answer(exchange)
            precondition(exchange.isAnswered, "a plane has left a request without an answer")
        } catch is ConnectionLoss {
            return
        } catch {
            guard !exchange.isAnswered else { return exchange.abandon() }
            try? exchange.send(answer(to: error, exchange, plane))
        }
    }

    private func answer(
        to error: any Error, _ exchange: Exchange, _ plane: any Plane
    ) -> ServiceAnswer {
        if let error = error as? ServiceError { return plane.answer(to: error, exchange.request) }
        // Its reason may name what the client isn't to see.
        logger?.error("\(exchange.request.method) \(exchange.request.host): \(error)")
        return plane.answer(
            to: ServiceError(
                500, "InternalServerError", "The server failed; its log says why. Try again."),
            exchange.request)
    }

    /// The path alone: queries and fields have secrets.
    private func note(_ exchange: Exchange, nanoseconds: Int) {
        let status = exchange.status.withLock { $0 }
        counts.note(plane: exchange.plane, status: status)
        let request = exchange.request
        logger?.info(
            "\(request.method) \(request.host)\(request.path) \(status) \(nanoseconds / 1000) µs")
    }
}

/// Who may use Microsoft's names, and the proxy: clients of this machine; others with the password, if there is one.
struct ProxyGate: Sendable {
    /// The password; nil if only clients of this machine may.
    let password: String?

    /// Why a client may not; nil if it may.
    func refusal(
        of host: HostName, isTunnel: Bool, isLocal: Bool, _ headers: HeaderFields
    ) -> HTTPRefusal? {
        guard !isLocal, isTunnel || host.isMicrosofts else { return nil }
        guard let password else {
            return HTTPRefusal(
                403, "\(host.kind.rawValue) is served to clients of this machine alone")
        }
        // In a tunnel, the one that opened it has shown it.
        guard isTunnel else { return nil }
        let wanted = "Basic " + Base64.encode(Array("sluice:\(password)".utf8))
        let shown = headers["Proxy-Authorization"] ?? ""
        guard constantTimeEqual(Array(shown.utf8).span, Array(wanted.utf8).span) else {
            return HTTPRefusal(407, "the proxy wants its password")
        }
        return nil
    }
}
#endif
