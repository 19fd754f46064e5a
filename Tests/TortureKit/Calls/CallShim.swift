internal import Foundation
internal import SluiceNative

/// Commands to the library that stands between this process and its system calls, once it is preloaded.
///
/// `Tests/CallShim` says what each does. For one thread at a time.
enum CallShim {
    /// What a process needs in its environment to have the library.
    static var environment: [String: String] {
        let own = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        let library = own.deletingLastPathComponent().appendingPathComponent("libCallShim.so")
        return ["LD_PRELOAD": library.path, "SWIFT_BACKTRACE": "enable=no"]
    }

    /// How a call fails.
    enum Failure: Int, CaseIterable {
        case inputOutput = 5
        case noSpace = 28
        case interrupted = 4
        /// Only half of the bytes are transferred, as if that were all there is room for now.
        case short = -1
    }

    /// What has become of a fault.
    struct FaultStatus {
        /// Calls so far that could have failed.
        let callCount: Int
        /// The call that failed first; nil if none has.
        let failed: (call: String, path: String)?
    }

    /// Records from now on what changes below a directory, whose path leads through no link.
    static func record(below root: String, to logPath: String) throws(SystemError) {
        try command("record", root, logPath)
    }

    /// Notes something among what is recorded.
    static func mark(_ text: String) throws(SystemError) {
        try command("mark", text)
    }

    /// Has a call below a directory fail, the first being 1, and perhaps all later ones too; 0 for none. With
    /// `syncsOnly` only syncs of files are counted; with `isKilling` this process is killed as a sync fails, or before
    /// any other call.
    static func fail(
        call: Int, _ failure: Failure, goingOn: Bool = false, syncsOnly: Bool = false,
        isKilling: Bool = false, below root: String
    ) throws(SystemError) {
        let nth = "\(isKilling ? "k" : "")\(syncsOnly ? "s" : "")\(goingOn ? "+" : "")\(call)"
        try command("fault", root, nth, "\(failure.rawValue)")
    }

    /// What has become of the fault.
    static func status() throws(SystemError) -> FaultStatus {
        let file = try command("status")
        var bytes = [UInt8](repeating: 0, count: try file.status().byteCount)
        var span = bytes.mutableSpan
        _ = try file.read(into: &span, at: 0)
        let lines = String(decoding: bytes, as: UTF8.self).split(
            separator: "\n", omittingEmptySubsequences: false)
        precondition(lines.count >= 4, "the library and CallShim.swift differ")
        return FaultStatus(
            callCount: Int(lines[0]) ?? 0,
            failed: lines[1] == "1" ? (String(lines[2]), String(lines[3])) : nil)
    }

    /// Ends recording and failing.
    static func stop() throws(SystemError) {
        try command("stop")
    }

    @discardableResult
    private static func command(_ words: String...) throws(SystemError) -> File {
        try File.open("/.call-shim/" + words.joined(separator: "\n"))
    }
}
