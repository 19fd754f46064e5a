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
/// until it returns. A pipe or terminal is written to inside without waiting, and waited for outside: a
/// pipe that nobody drains doesn't hold up whoever takes access away.
struct Delivery {
    private let sink: any ByteSink
    private let output: PatientOutput?

    /// How long a wait for a reader of the pipe may hide that access is gone.
    private static let waitMilliseconds: Int32 = 20

    init(to sink: any ByteSink) throws(StoreError) {
        self.sink = sink
        guard let sink = sink as? any WaitingSink else {
            output = nil
            return
        }
        output = try translated("write to") { () throws(SystemError) in try sink.output() }
        guard output != nil else {
            throw StoreError(
                .inputOutput,
                """
                this terminal is another user's and can't be opened here, so that one that stalls would \
                hold up whoever takes access away
                """, remedies: [.choose(.pipe)])
        }
    }

    /// Gives all of the bytes, some at a time: `release` lets through what it is called with, or throws.
    func deliver(
        _ bytes: Span<UInt8>, _ halt: Halt,
        through release: (_ act: () throws(StoreError) -> Int) throws(StoreError) -> Int
    ) throws(StoreError) {
        guard let output else {
            _ = try release { () throws(StoreError) in
                try sink.take(bytes)
                return bytes.count
            }
            return
        }
        var done = 0
        while done < bytes.count {
            let rest = bytes.extracting(done...)
            let count = try release { () throws(StoreError) in
                try translated("write to") { () throws(SystemError) in try output.offer(rest) }
            }
            done += count
            guard count == 0 else { continue }
            guard halt.goesOn else { return try halt.check() }
            try translated("write to") { () throws(SystemError) in
                try output.wait(milliseconds: Self.waitMilliseconds)
            }
        }
    }
}
