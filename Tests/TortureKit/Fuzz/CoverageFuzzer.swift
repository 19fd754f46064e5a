internal import ProcessCalls
internal import Synchronization

/// LLVM's libFuzzer, where a program is linked with it: `scripts/fuzz` builds such a one.
enum CoverageFuzzer {
    /// Within a structure: each time that a bare function leaves generic storage it gets one more thunk around it.
    private struct Body: Sendable {
        let run: @Sendable ([UInt8]) -> Void
    }

    private static let body = Mutex<Body?>(nil)

    /// Feeds inputs to `body` until what the arguments ask for is done, and ends the process.
    ///
    /// - Parameter arguments: libFuzzer's, as in `-runs=1000`.
    /// - Returns: Only where libFuzzer isn't linked.
    static func run(_ arguments: [String], _ body: @escaping @Sendable ([UInt8]) -> Void) {
        guard fuzzer_is_linked() != 0 else { return }
        Self.body.withLock { $0 = Body(run: body) }
        for argument in arguments {
            for byte in argument.utf8 { fuzzer_add_argument_byte(byte) }
            fuzzer_add_argument_byte(0)
        }
        fuzzer_run {
            let input = (0..<fuzzer_input_count()).map { fuzzer_input_byte($0) }
            CoverageFuzzer.body.withLock { $0 }?.run(input)
        }
    }
}
