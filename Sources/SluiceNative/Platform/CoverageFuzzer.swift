internal import CLinux
internal import Glibc
internal import Synchronization

/// LLVM's libFuzzer, where a program is linked with it: `scripts/torture` builds such a one.
package enum CoverageFuzzer {
    /// Within a structure: each time that a bare function leaves generic storage it gets one more thunk around it.
    private struct Body: Sendable {
        let run: @Sendable ([UInt8]) -> Void
    }

    private static let body = Mutex<Body?>(nil)

    private typealias Callback = @convention(c) (UnsafePointer<UInt8>?, Int) -> Int32
    private typealias Driver =
        @convention(c) (
            UnsafeMutablePointer<Int32>,
            UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>>, Callback
        ) -> Int32

    /// Feeds inputs to `body` until what the arguments ask for is done, and ends the process.
    ///
    /// - Parameter arguments: libFuzzer's, as in `-runs=1000`.
    /// - Returns: Only where libFuzzer isn't linked.
    package static func run(
        _ arguments: [String], _ body: @escaping @Sendable ([UInt8]) -> Void
    ) {
        guard let symbol = unsafe dlsym(nil, "LLVMFuzzerRunDriver") else { return }
        let drive = unsafe unsafeBitCast(symbol, to: Driver.self)
        Self.body.withLock { $0 = Body(run: body) }
        // They live as long as the process.
        let values = UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>.allocate(
            capacity: arguments.count + 2)
        for (index, argument) in (["fuzz"] + arguments).enumerated() {
            unsafe (values + index).initialize(to: strdup(argument))
        }
        unsafe (values + arguments.count + 1).initialize(to: nil)
        var (count, start) = unsafe (Int32(arguments.count + 1), values)
        let status = unsafe drive(&count, &start) { bytes, byteCount in
            let input = unsafe [UInt8](UnsafeBufferPointer(start: bytes, count: byteCount))
            CoverageFuzzer.body.withLock { $0 }?.run(input)
            return 0
        }
        exit(status)
    }
}
