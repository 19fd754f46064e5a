#if Service
internal import Foundation
internal import NIOSSL
internal import Sluice
internal import SluiceControl
internal import SluiceNative
internal import SluiceREST
internal import Synchronization
internal import TestSupport
internal import Testing

@testable internal import SluiceServer

/// What a listener answers to bytes on sockets, by `Tests/service/listener.py`.
@Suite struct ListenerTests {
    /// In a way each, as `listener.py list` tells.
    static let checks: [String] = {
        let lines = try? python([Self.script, "list"]).outputText.split(separator: "\n").map(
            String.init)
        return lines ?? ["listener.py can't be run"]
    }()

    private static let script = "\(Checkout.path)/Tests/service/listener.py"

    private static func python(_ arguments: [String]) throws -> CommandResult {
        let runner = CommandRunner(
            executable: "/usr/bin/env", environment: ["PATH": "/usr/bin:/bin:/usr/local/bin"],
            workingDirectory: "/")
        return try runner.run(["python3"] + arguments)
    }

    @Test(arguments: checks)
    func `bytes on a socket`(check: String) async throws {
        let directory = try TemporaryDirectory()
        let listener = try await Self.start(directory)
        let result = try Self.python(
            [Self.script, "\(listener.address.port ?? 0)", directory.path("ca.pem"), check])
        await listener.stop(withinSeconds: 1)
        #expect(result.outputText == "ok\n", "\(result.errorText)")
    }

    @Test func `every check is run`() {
        #expect(Self.checks.count > 20)
    }

    private static func start(_ directory: TemporaryDirectory) async throws -> Listener {
        let library = try CryptoLibrary.load(requireFIPS: false)
        let state = try HomeMaker(
            library,
            names: HomeMaker.Names(
                hosts: HostName.certified, domains: HostName.permitted,
                addresses: HostName.addresses)
        ).make()
        _ = try directory.write(
            Array(TrustFiles.pem(state.certificate.authority).utf8), to: "ca.pem")
        let counts = ServerCounts()
        var limits = HTTPLimits()
        (limits.headSeconds, limits.stallSeconds) = (2, 2)
        let core = ServerCore(
            planes: Planes([
                .blob: EchoPlane(), .management: WholePlane(),
                .server: ServerPlane(nonce: state.nonce, counts: counts),
            ]), limits: limits, tls: try Server.tls(state.certificate), counts: counts,
            gate: ProxyGate(password: nil), logger: nil)
        return try await Listener.start(core, host: "127.0.0.1", port: 0)
    }
}

/// Sends back what it gets, while it gets it.
private struct EchoPlane: Plane {
    private static let produced = Mutex(0)

    func bodyHandling(of request: ServiceRequest) -> BodyHandling { .streamed }

    func answer(_ exchange: Exchange) throws {
        let request = exchange.request
        var block = [UInt8](repeating: 0x78, count: 1 << 16)
        switch request.path {
        case "/refuse": throw ServiceError(409, "Conflict", "No.")
        case "/wait": NativeThread.sleep(nanoseconds: 5_000_000_000)
        case "/produced":
            let text = "\(Self.produced.withLock { $0 })"
            return try exchange.send(ServiceAnswer(status: 200, body: Array(text.utf8)))
        case "/endless", "/broken":
            let stream = try exchange.stream(200, [:], byteCount: 1 << 30)
            for number in 0..<(1 << 14) {
                if request.path == "/broken", number == 10 { throw ServiceError(500, "Broken", "") }
                try stream.write(block.span)
                Self.produced.withLock { $0 += block.count }
            }
            return try stream.end()
        default: break
        }
        if request.method == "HEAD" {
            return try exchange.send(ServiceAnswer(status: 200, body: [1, 2, 3, 4, 5]))
        }
        // Before the answer begins: a client may be waiting for leave to send it.
        var span = block.mutableSpan
        var count = try exchange.read(into: &span)
        let length = request.headers["Content-Length"].flatMap { Int($0) }
        let isChunked = request.headers["Transfer-Encoding"] != nil
        let stream = try exchange.stream(
            200, ["X-Path": request.path, "X-Query": request.query],
            byteCount: isChunked ? nil : length ?? 0)
        while count > 0 {
            try stream.write(block.span.extracting(first: count))
            var span = block.mutableSpan
            count = try exchange.read(into: &span)
        }
        try stream.end()
    }
}

/// Takes bodies whole.
private struct WholePlane: Plane {
    func answer(_ exchange: Exchange) throws {
        try exchange.send(ServiceAnswer(status: 200, body: try exchange.wholeBody()))
    }
}
#endif
