internal import SluiceAccess
internal import SluiceNative

/// A sink that may keep its writer waiting for somebody else: a pipe, a terminal.
protocol WaitingSink: ByteSink {
    /// How to write to it; nil for a terminal that can't be written to without waiting.
    func output() throws(SystemError) -> PatientOutput?
}

extension StandardOutput: WaitingSink {
    func output() throws(SystemError) -> PatientOutput? { try PatientOutput(.standardOutput) }
}

/// A device or pipe that is written to in order.
struct FileSink: WaitingSink {
    /// Its description is nobody else's.
    let file: File

    func output() -> PatientOutput? { PatientOutput(own: file) }

    func write(_ bytes: Span<UInt8>) throws {
        try translated("write to") { () throws(SystemError) in
            try file.write(bytes)
        }
    }
}

/// Gives bytes to a sink, each time through the gate.
///
/// A sink of the caller's is called inside the gate: its entry is the release, and the gate is held
/// until it returns. A pipe or terminal, and a sink that passes bytes on, is given some inside without waiting, and
/// waited for outside: one that nobody drains doesn't hold up whoever takes access away.
struct Delivery {
    private let target: Target

    private enum Target {
        case sink(any ByteSink)
        case output(PatientOutput)
        case passing(any PassingSink, ReleaseTerms)
    }

    /// How long a wait for whoever takes the bytes may hide that access is gone.
    private static let waitMilliseconds = 20

    /// Whether the bytes are passed on, with what is known of their object.
    var passesOn: Bool { if case .passing = target { true } else { false } }

    init(to sink: any PassingSink, _ terms: ReleaseTerms) { target = .passing(sink, terms) }

    init(to sink: any ByteSink) throws(StoreError) {
        guard let waiting = sink as? any WaitingSink else {
            target = .sink(sink)
            return
        }
        let output = try translated("write to") { () throws(SystemError) in try waiting.output() }
        guard let output else {
            throw StoreError(
                .inputOutput,
                """
                this terminal is another user's and can't be opened here, so that one that stalls would \
                hold up whoever takes access away
                """, remedies: [.choose(.pipe)])
        }
        target = .output(output)
    }

    /// Gives all of the bytes, some at a time: `release` lets through what it is called with, or throws.
    func deliver(
        _ bytes: Span<UInt8>, _ halt: Halt,
        through release: (_ act: () throws(StoreError) -> Int) throws(StoreError) -> Int
    ) throws(StoreError) {
        switch target {
        case .sink(let sink):
            _ = try release { () throws(StoreError) in
                try sink.take(bytes)
                return bytes.count
            }
        case .output(let output):
            try deliverInParts(bytes, halt) { rest throws(StoreError) in
                let count = try release { () throws(StoreError) in
                    try translated("write to") { () throws(SystemError) in try output.offer(rest) }
                }
                return count == 0 ? nil : count
            } wait: { () throws(StoreError) in
                try translated("write to") { () throws(SystemError) in
                    try output.wait(milliseconds: Int32(Self.waitMilliseconds))
                }
            }
        case .passing(let sink, let terms):
            try deliverInParts(bytes, halt) { rest throws(StoreError) in
                let epoch = terms.gate.epoch
                var taken: Int?
                _ = try release { () throws(StoreError) in
                    taken = try ofSink { try sink.offer(rest, terms, epoch: epoch) }
                    return taken ?? 0
                }
                return taken
            } wait: { () throws(StoreError) in
                try ofSink { try sink.wait(milliseconds: Self.waitMilliseconds) }
            }
        }
    }

    /// Offers the bytes, at least once, until all are taken, and waits in between.
    ///
    /// - Parameter offer: How many were taken; nil if nothing can be now.
    private func deliverInParts(
        _ bytes: Span<UInt8>, _ halt: Halt,
        _ offer: (Span<UInt8>) throws(StoreError) -> Int?, wait: () throws(StoreError) -> Void
    ) throws(StoreError) {
        var done = 0
        repeat {
            if let count = try offer(bytes.extracting(done...)) {
                done += count
                if done == bytes.count { return }
                continue
            }
            guard halt.goesOn else { return try halt.check() }
            try wait()
        } while true
    }
}
