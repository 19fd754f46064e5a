import Testing

@testable import BenchKit

@Suite struct ReportTests {
    /// What is found of a cell that is `ratio` times as fast as its reference.
    static func result(
        _ name: String, against kind: Cell.ReferenceKind = .ceiling, ratio: Double,
        bound: Bound? = nil, blockCount: Int = 6, counts: CountResult? = nil,
        latency: LatencyRecorder? = nil
    ) throws -> CellResult {
        let cell = try Cell(
            SimulatedWorkload(name, unit: .bytes), against: kind,
            SimulatedWorkload("copy", unit: .bytes), bound: bound,
            loop: .closed(ClosedLoop(callers: 2, length: .operations(1))))
        let a = Run(work: 1_000_000_000, elapsedNanoseconds: 500_000_000, latency: latency)
        let b = Run(work: 1_000_000_000, elapsedNanoseconds: UInt64(500_000_000 * ratio))
        let comparison = try Comparison(blockCount: blockCount).run(
            Side(name: name) { _ in a }, against: Side(name: "copy") { _ in b }, seed: 1,
            processorTime: { nil })
        return CellResult(cell: cell, comparison: comparison, counts: counts)
    }

    static func report() throws -> Report {
        var latency = LatencyRecorder()
        latency.record(nanoseconds: 12_345)
        latency.record(nanoseconds: 12_345)
        let counts = CountResult(
            operationCount: 4,
            counts: [
                "syncs": CountRange(least: 1200, most: 1200),
                "reads": CountRange(least: 1, most: 2),
            ])
        var report = Report(
            .run, profile: "smoke", command: ["sluice-bench", "run"], seed: .max,
            fingerprint: .current(
                fileSystem: "ext4", software: ["libcrypto": "3.0.15"], subject: ["commit": "abc"]))
        report.cells = [
            try result(
                "put | 1 GB", ratio: 0.8, bound: .atLeast(ratio: 0.75), counts: counts,
                latency: latency)
        ]
        report.failures = [CellFailure(name: "get", reason: "there is <no> disk")]
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
        #expect(read.cells[0].counts == report.cells[0].counts)
    }

    @Test func `another schema is refused, and so is what isn't a report`() {
        #expect(throws: ReportError.otherSchema(1)) { try Report(json: #"{"schemaVersion": 1}"#) }
        #expect(throws: ReportError.otherSchema(3)) { try Report(json: #"{"schemaVersion": 3}"#) }
        #expect(throws: ReportError.malformed) { try Report(json: #"{"schemaVersion": 2}"#) }
        #expect(throws: ReportError.malformed) { try Report(json: "") }
    }

    @Test func `each result stands beside its ceiling and the percentage reached`() throws {
        let lines = try Self.report().plainText.split(separator: "\n")
        let row = try #require(lines.first { $0.hasPrefix("put | 1 GB") })
        for part in [
            "2.00 GB/s", "ceiling: copy", "2.50 GB/s", "80.0 %", "0.80 to 0.80", "6 of 6",
            "at least 0.75", "within bound",
        ] {
            #expect(row.contains(part))
        }
        #expect(lines.contains { $0.contains("2 in a closed loop") && $0.contains("12.3 µs") })
        #expect(lines.contains { $0.contains("syncs") && $0.hasSuffix("1,200") })
        #expect(lines.contains { $0.contains("reads") && $0.hasSuffix("1 to 2, not exact") })
        #expect(lines.contains { $0.contains("get could not be measured") })
    }

    @Test func `without bounds there is no column for them`() throws {
        var report = try Self.report()
        #expect(report.markdown.contains("| bound | verdict |"))
        report.cells = [try Self.result("put", ratio: 0.8)]
        #expect(!report.markdown.contains("bound"))
        #expect(!report.markdown.contains("verdict"))
    }

    @Test func `Markdown escapes what would end a column`() throws {
        let markdown = try Self.report().markdown
        #expect(markdown.contains("| put \\| 1 GB | 2.00 GB/s | ceiling: copy |"))
        #expect(markdown.contains("| libcrypto | 3.0.15 |"))
    }

    @Test func `Markdown and the page have the same command line, quoted for a shell`() throws {
        let report = Report(
            .run, profile: "smoke", command: ["bench", "run", "--filter", "a|b"], seed: 1,
            fingerprint: .current(fileSystem: "ext4"))
        #expect(report.markdown.contains("\nbench run --filter 'a|b'\n"))
        #expect(report.html.contains(">bench run --filter 'a|b'<"))
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
        ] as [(Double, String)])
    func `durations have three digits`(nanoseconds: Double, text: String) {
        #expect(Figures.duration(nanoseconds: nanoseconds) == text)
    }

    @Test func `rates have decimal units`() {
        #expect(Figures.rate(3.214e9, .bytes) == "3.21 GB/s")
        #expect(Figures.rate(36_000, .operations) == "36.0 k/s")
        #expect(Figures.rate(0.5, .operations) == "0.50 /s")
        #expect(Figures.percentage(1.153) == "115 %")
        #expect(Figures.percentage(0.1) == "10.0 %")
        #expect(Figures.memory(byteCount: 0x1p20) == "1.00 MiB")
        #expect(Figures.ratio(0.945) == "0.95")
        #expect(Figures.ratio(153.51) == "154")
        #expect(Figures.ratio(0.01) == "0.01")
        #expect(Figures.ratio(0.002) == "0.20 %")
        #expect(Figures.count(-1_234_567) == "-1,234,567")
        #expect(Figures.size(1 << 30) == "1GiB")
        #expect(Figures.size(4097) == "4097B")
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
        func current(_ libcrypto: String, _ commit: String) -> Fingerprint {
            .current(
                fileSystem: "tmpfs", software: ["libcrypto": libcrypto],
                subject: ["commit": commit])
        }
        let fingerprint = current("3.0", "abc")
        #expect(fingerprint.processorCount > 0)
        #expect(fingerprint.memoryByteCount > 0)
        #expect(!fingerprint.operatingSystem.isEmpty)
        #expect(fingerprint.fileSystem == "tmpfs")
        #expect(fingerprint == current("3.0", "abc"))
        #expect(fingerprint.differences(from: current("3.0", "def")).isEmpty)
        #expect(
            fingerprint.differences(from: current("3.5", "abc")) == [
                FingerprintDifference(name: "libcrypto", own: "3.0", other: "3.5")
            ])
    }

    @Test func `of long values that differ stands the place where they do`() {
        func excerpts(_ own: String?, _ other: String?) -> [String] {
            let found = FingerprintDifference(name: "flags", own: own, other: other).excerpts
            return [found.own, found.other]
        }
        #expect(excerpts("6.1", "6.12") == ["6.1", "6.12"])
        #expect(excerpts("6.1", nil) == ["6.1", "nothing"])
        #expect(excerpts("", "6.1") == ["nothing", "6.1"])
        let start = String(repeating: "flag ", count: 30)
        #expect(excerpts(start + "avx bmi", start + "aes bmi") == ["…avx bmi", "…aes bmi"])
        #expect(excerpts(start, start + "aes") == ["…", "…aes"])
        let short = String(repeating: "x", count: 64)
        #expect(excerpts(short, "y") == [short, "y"])
        #expect(excerpts(short + "x", "y") == [short + "…", "y"])
    }
}
