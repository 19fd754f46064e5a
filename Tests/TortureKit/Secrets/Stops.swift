internal import Foundation
internal import SluiceNative
internal import TestSupport

/// Places at which one process waits for another, by files in a directory that both know.
struct Stops {
    let directoryPath: String

    private struct Late: Error {
        let place: String
    }

    private static let limitNanoseconds = 120_000_000_000

    /// Says where this process is, and waits until it may go on.
    func stop(_ place: String) throws {
        try mark("at \(place)")
        try wait(for: "go \(place)", while: { true })
    }

    /// Waits until another process is there.
    func meet(_ place: String, _ process: RunningCommand) throws {
        try wait(for: "at \(place)", while: { process.isRunning })
    }

    /// Lets it go on.
    func release(_ place: String) throws { try mark("go \(place)") }

    private func mark(_ name: String) throws {
        try Data().write(to: URL(fileURLWithPath: "\(directoryPath)/\(name)"))
    }

    private func wait(for name: String, while isHopeful: () -> Bool) throws {
        let end = MonotonicClock.nowNanoseconds + Self.limitNanoseconds
        while !FileManager.default.fileExists(atPath: "\(directoryPath)/\(name)") {
            guard MonotonicClock.nowNanoseconds < end, isHopeful() else { throw Late(place: name) }
            NativeThread.sleep(nanoseconds: 2_000_000)
        }
    }
}
