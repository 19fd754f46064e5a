import Testing

@testable import BenchKit

@Suite struct ReportTests {
    static func report() throws -> Report {
        let a = Side(name: "put") { _ in simulatedRun(milliseconds: 500, work: 1_000_000_000) }
        let b = Side(name: "copy") { _ in simulatedRun(milliseconds: 400, work: 1_000_000_000) }
        let comparison = try Comparison(blockCount: 6).run(
            a, against: b, seed: 1, processorTime: { nil })
        let cell = try Cell(
            SimulatedWorkload("put | 1 GB", unit: .bytes), against: .ceiling,
            SimulatedWorkload("copy", unit: .bytes), bound: .atLeast(ratio: 0.75),
            loop: ClosedLoop(callers: 2, length: .operations(1)))
        var run = OpenRun(scheduledCount: 3)
        run.latency.record(nanoseconds: 12_345)
        let open = OpenLoopResult(
            operationsPerSecond: 500, callers: 2, workload: .init(run), reference: .init(run))
        var report = Report(
            command: ["sluice-bench", "run"], seed: .max,
            fingerprint: .current(fileSystem: "ext4", extra: ["libcrypto": "3.0.15"]))
        report.cells = [CellResult(cell: cell, comparison: comparison, openLoops: [open])]
        return report
    }

    @Test func `a report survives JSON`() throws {
        let report = try Self.report()
        let json = try report.json()
        let read = try Report(json: json)
        #expect(try read.json() == json)
        #expect(read.seed == .max)
        #expect(read.fingerprint == report.fingerprint)
        #expect(read.cells[0].comparison.ratio == report.cells[0].comparison.ratio)
        #expect(read.cells[0].bound == .atLeast(ratio: 0.75))
    }

    @Test func `a newer schema is refused, and so is what isn't a report`() {
        #expect(throws: ReportError.newerSchema(2)) { try Report(json: #"{"schemaVersion": 2}"#) }
        #expect(throws: ReportError.malformed) { try Report(json: #"{"schemaVersion": 1}"#) }
        #expect(throws: ReportError.malformed) { try Report(json: "") }
    }

    @Test func `each result stands beside its ceiling and the percentage reached`() throws {
        let lines = try Self.report().plainText.split(separator: "\n")
        let row = try #require(lines.first { $0.hasPrefix("put | 1 GB") })
        for part in [
            "2.00 GB/s", "ceiling: copy", "2.50 GB/s", "80.0 %", "95.0 %: 80.0 % to 80.0 %",
            "6 of 6", "within bound (at least 75.0 %)",
        ] {
            #expect(row.contains(part))
        }
        #expect(lines.contains { $0.contains("500 /s arriving") && $0.contains("12.3 µs") })
    }

    @Test func `Markdown escapes what would end a column`() throws {
        let markdown = try Self.report().markdown
        #expect(markdown.contains("| put \\| 1 GB | 2.00 GB/s | ceiling: copy |"))
        #expect(markdown.contains("| libcrypto | 3.0.15 |"))
    }
}

@Suite struct TextTableTests {
    @Test func `columns are aligned and lines have no blanks at their ends`() {
        var table = TextTable(columns: [("name", .left), ("µs", .right), ("note", .left)])
        table.append(["a", "1.00", ""])
        table.append(["longer", "12.0", "x"])
        #expect(
            table.plainText == """
                name      µs  note
                ------  ----  ----
                a       1.00
                longer  12.0  x

                """)
        #expect(table.markdown.hasPrefix("| name | µs | note |\n| --- | ---: | --- |\n| a |"))
    }
}

@Suite struct FiguresTests {
    @Test(
        arguments: [
            (0, "0.00 ns"), (1, "1.00 ns"), (999, "999 ns"), (1000, "1.00 µs"), (12_345, "12.3 µs"),
            (99_949, "99.9 µs"), (99_950, "100 µs"), (999_499, "999 µs"), (999_500, "1.00 ms"),
            (3_600_000_000_000, "3600 s"),
        ] as [(UInt64, String)])
    func `durations have three digits`(nanoseconds: UInt64, text: String) {
        #expect(Figures.duration(nanoseconds: nanoseconds) == text)
    }

    @Test func `rates have decimal units`() {
        #expect(Figures.rate(3.214e9, .bytes) == "3.21 GB/s")
        #expect(Figures.rate(36_000, .operations) == "36.0 k/s")
        #expect(Figures.rate(0.5, .operations) == "0.50 /s")
        #expect(Figures.percentage(1.153) == "115 %")
        #expect(Figures.percentage(0.1) == "10.0 %")
    }
}

@Suite struct MachineTests {
    @Test func `stolen time is read from the first line`() throws {
        let text = "cpu  10 1 20 60 4 1 2 2 7 0\ncpu0 1 1 1 1 1 1 1 1 0 0\n"
        let time = try #require(ProcessorTime(procStat: text))
        #expect(time == ProcessorTime(total: 100, stolen: 2))
        let later = ProcessorTime(total: 300, stolen: 12)
        #expect(later.stolenFraction(since: time) == 0.05)
        #expect(time.stolenFraction(since: time) == 0)
    }

    @Test(arguments: ["", "cpu0 1 2 3 4 5 6 7 8\n", "cpu 1 2 3 4 5 6 7\n", "cpu a b c d e f g h\n"])
    func `other texts give no time`(text: String) {
        #expect(ProcessorTime(procStat: text) == nil)
    }

    @Test func `values are found under the name that the architecture uses`() {
        let names = ["flags", "Features"]
        #expect(Fingerprint.value(of: names, in: "processor\t: 0\nflags\t\t: a b\n") == "a b")
        #expect(Fingerprint.value(of: names, in: "Features\t: fp: c\nflags\t: x\n") == "fp: c")
        #expect(Fingerprint.value(of: names, in: "vmx flags\t: x\n\n") == nil)
    }

    @Test func `this machine has a fingerprint that names what the caller gave`() {
        let fingerprint = Fingerprint.current(fileSystem: "tmpfs", extra: ["commit": "abc"])
        #expect(fingerprint.processorCount > 0)
        #expect(fingerprint.memoryByteCount > 0)
        #expect(!fingerprint.operatingSystem.isEmpty)
        #expect(fingerprint.fileSystem == "tmpfs")
        #expect(fingerprint.extra == ["commit": "abc"])
        #expect(fingerprint == .current(fileSystem: "tmpfs", extra: ["commit": "abc"]))
    }
}
