internal import ArgumentParser
internal import BenchKit
internal import SluiceNative

/// `sluice-bench peers`.
struct PeersCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "peers",
        abstract: "Hold the sluice command against other programs on the same files.",
        discussion: """
            One file of random bytes, one of text, and 2,000 of 4 KiB, put and got by sluice and each \
            program in turns; what is got is read back and compared. Programs: cp with sync, age, \
            JuiceFS (sync with an RSA key) and restic, as far as they are installed; the report lists \
            what is missing with the command that installs it.

            The exit code is 0 when all that are installed were measured, 1 when one could not be, \
            130 after Ctrl-C.
            """)

    @Option(help: ArgumentHelp("The size of the large files, as 64MiB.", valueName: "size"))
    var size = "1GiB"

    @OptionGroup var filter: CellFilter

    @Option(
        help: ArgumentHelp("Where to write the report.", valueName: "dir"), completion: .directory)
    var output: String

    @OptionGroup var options: MeasuringOptions

    private static let smallFileCount = 2_000

    func run() throws {
        let byteCount = try Self.byteCount(size)
        try options.withConditions(.standard) { conditions in
            try conditions.requireSluice()
            let installed = Peer.all.filter { $0.path != nil }
            let cells = try filter.matching(
                Self.cells(installed, byteCount: byteCount, conditions))
            var run = try CellRun(
                .peers, cells, conditions, blockCount: 6, files: ReportFiles(in: output))
            for peer in Peer.all where peer.path == nil {
                run.report.notes.append(
                    "\(peer.name) isn't installed: \(peer.installation)")
            }
            try run.measure()
            try Console.print(run.report.plainText)
            try Console.print("\(output)/report.html has the intervals, result.json everything.")
            if conditions.interruption.isRequested { throw ExitReason.interrupted.exitCode }
            if !run.report.failures.isEmpty { throw ExitReason.error.exitCode }
        }
    }

    private static func cells(
        _ peers: [Peer], byteCount: Int, _ conditions: Conditions
    ) throws -> [Cell] {
        let allFiles = [
            PeerFiles(.random, count: 1, fileByteCount: byteCount, conditions),
            PeerFiles(.text, count: 1, fileByteCount: byteCount, conditions),
            PeerFiles(.random, count: smallFileCount, fileByteCount: 4096, conditions),
        ]
        let once = Loop.closed(ClosedLoop(length: .operations(1)))
        let own = conditions.sluice.path
        return try allFiles.flatMap { files in
            try peers.flatMap { peer in
                let program = peer.path ?? peer.program
                return [
                    try Cell(
                        PeerPut(
                            name: "put-\(files.name)-beside-\(peer.name)", peer: .sluice,
                            program: own, files: files, conditions: conditions),
                        against: .peer,
                        PeerPut(
                            name: peer.name, peer: peer, program: program, files: files,
                            conditions: conditions),
                        loop: once),
                    try Cell(
                        PeerGet(
                            name: "get-\(files.name)-beside-\(peer.name)", peer: .sluice,
                            program: own, files: files, conditions: conditions),
                        against: .peer,
                        PeerGet(
                            name: peer.name, peer: peer, program: program, files: files,
                            conditions: conditions),
                        loop: once),
                ]
            }
        }
    }

    /// A whole number of KiB, MiB or GiB.
    static func byteCount(_ text: String) throws -> Int {
        for (suffix, shift) in [("KiB", 10), ("MiB", 20), ("GiB", 30)] where text.hasSuffix(suffix)
        {
            let digits = text.dropLast(3)
            if digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let count = Int(digits),
                (1...1024).contains(count)
            {
                return count << shift
            }
        }
        throw BenchError.badSize(text)
    }
}
