#if Service
internal import SluiceREST

/// What the server says of itself.
struct ServerPlane: Plane {
    static let version = "0.1.0"

    let nonce: String
    let counts: ServerCounts

    func answer(_ exchange: Exchange) throws {
        guard ["GET", "HEAD"].contains(exchange.request.method) else {
            throw ServiceError(405, "MethodNotAllowed", "This is there to be read.")
        }
        switch exchange.request.path {
        case "/healthz":
            try exchange.send(text("ok\n", "text/plain"))
        case "/metrics":
            try exchange.send(text(counts.exposition, "text/plain; version=0.0.4"))
        case "/.sluice/check":
            try exchange.send(
                ServiceAnswer(["nonce": .string(nonce), "version": .string(Self.version)]))
        case "/":
            try exchange.send(
                text(
                    "This is Sluice \(Self.version), not Azure. Sluice is not affiliated with or endorsed by Microsoft.\n",
                    "text/plain"))
        default:
            throw ServiceError(
                404, "NotFound", "The server has nothing at '\(exchange.request.path)'.")
        }
    }

    private func text(_ text: String, _ type: String) -> ServiceAnswer {
        ServiceAnswer(status: 200, headers: ["Content-Type": type], body: Array(text.utf8))
    }
}
#endif
