internal import SluiceNative
internal import Synchronization

/// A number that several threads add to.
final class Count: Sendable {
    private let number = Atomic<Int>(0)

    func add(_ difference: Int) { number.wrappingAdd(difference, ordering: .relaxed) }

    var value: Int { number.load(ordering: .relaxed) }
}

/// Ids of requests: of this process, one after the other. For any thread.
enum RequestNumber {
    private static let count = Count()
    private static let process = String(WallClock.nowMilliseconds & 0xFFFF_FFFF_FFFF, radix: 16)

    /// One that no other request of this machine has, as a UUID.
    static func next() -> String {
        count.add(1)
        let number = String(count.value & 0xFFFF_FFFF_FFFF, radix: 16)
        let tail = String(repeating: "0", count: max(0, 12 - number.utf8.count)) + number
        let head = String(repeating: "0", count: max(0, 12 - process.utf8.count)) + process
        let id = String(UInt32(truncatingIfNeeded: Environment.processID) & 0xFFF, radix: 16)
        let middle = String(repeating: "0", count: max(0, 3 - id.utf8.count)) + id
        return "\(head.prefix(8))-\(head.suffix(4))-4\(middle)-8000-\(tail)"
    }
}

/// What a server has done since it started, as `/metrics` shows it. For any thread.
final class ServerCounts: Sendable {
    let connections = Count()
    let requestsUnderWay = Count()
    let bytesReceived = Count()
    let bytesSent = Count()
    private let answers = Mutex<[AnswerKind: Int]>([:])

    private struct AnswerKind: Hashable {
        var plane: String
        var status: Int
    }

    func note(plane: String, status: Int) {
        answers.withLock { $0[AnswerKind(plane: plane, status: status), default: 0] += 1 }
    }

    /// In the text format of Prometheus.
    var exposition: String {
        let gauges = [
            ("sluice_connections", "gauge", connections),
            ("sluice_requests", "gauge", requestsUnderWay),
            ("sluice_received_bytes_total", "counter", bytesReceived),
            ("sluice_sent_bytes_total", "counter", bytesSent),
        ]
        var lines = gauges.flatMap { name, kind, count in
            ["# TYPE \(name) \(kind)", "\(name) \(count.value)"]
        }
        lines.append("# TYPE sluice_answers_total counter")
        let answers = answers.withLock { $0 }
        lines += answers.map { kind, count in
            "sluice_answers_total{plane=\"\(kind.plane)\",status=\"\(kind.status)\"} \(count)"
        }.sorted()
        return lines.joined(separator: "\n") + "\n"
    }
}
