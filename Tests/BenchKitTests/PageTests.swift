import Testing

@testable import BenchKit

@Suite struct PageTests {
    static func trialReport(factor: Double) throws -> Report {
        var report = Report(
            .ab, profile: "smoke", command: ["bench", "ab", "--a", "it's <a> & b"], seed: 1,
            fingerprint: .current(fileSystem: "ext4"))
        report.trials = try TrialFamilyTests.results([factor], noise: 0.01, seed: 1)
        return report
    }

    /// Whether every element is closed where it should be, apart from those that never are.
    private func expectWellFormed(_ html: String) {
        var open: [Substring] = []
        for tag in html.matches(of: /<(\/?)([a-z0-9]+)(?:\s[^<>]*?)?(\/?)>/) {
            let name = tag.output.2
            if tag.output.1 == "/" {
                #expect(open.popLast() == name)
            } else if tag.output.3.isEmpty, name != "meta" {
                open.append(name)
            }
        }
        #expect(open.isEmpty)
        #expect(html.count { $0 == "<" } == html.count { $0 == ">" })
    }

    @Test func `a run's page is well-formed and needs nothing else`() throws {
        let html = try ReportTests.report().html
        expectWellFormed(html)
        for foreign in ["<script", "http://", "https://", "url(", "@import"] {
            #expect(!html.contains(foreign))
        }
        #expect(html.contains("<svg "))
        #expect(html.contains("there is &lt;no&gt; disk"))
        #expect(html.contains("libcrypto"))
    }

    @Test func `a trial's page has its verdict and the command that repeats it`() throws {
        let html = try Self.trialReport(factor: 1.3).html
        expectWellFormed(html)
        #expect(html.contains("1 regression, 0 no regression, 0 inconclusive"))
        #expect(html.contains("'it'\\''s &lt;a&gt; &amp; b'"))
        #expect(html.contains("B held against A"))
    }

    @Test func `a cell of a table has its column's title, for pages too narrow for columns`() {
        var table = TextTable(columns: [
            ("cell", .left), ("95 % \"interval\"", .right), ("", .left),
        ])
        table.append(["put", "0.81 to 0.88", "x"])
        expectWellFormed(table.html)
        #expect(
            table.html.contains(
                """
                <tr><td data-label="cell">put</td><td class="right" \
                data-label="95 % &quot;interval&quot;">0.81 to 0.88</td><td>x</td></tr>
                """))
        #expect(HTML.style.contains("content: attr(data-label)"))
    }

    @Test func `an empty report is a page too`() throws {
        var report = try ReportTests.report()
        report.cells = []
        expectWellFormed(report.html)
    }
}

@Suite struct AxisTests {
    @Test func `values lie where they belong, and beyond the ends at the ends`() {
        let linear = Axis(0, 10, from: 100, to: 0)
        #expect(linear.place(5) == 50)
        #expect(linear.place(11) == 0)
        let logarithmic = Axis(1, 100, from: 0, to: 100, logarithmic: true)
        #expect(abs(logarithmic.place(10) - 50) < 1e-9)
        #expect(logarithmic.place(0.1) == 0)
        #expect(logarithmic.end(before: 0.99) == .low)
        #expect(logarithmic.end(before: 1) == nil)
        #expect(logarithmic.end(before: 100) == nil)
        #expect(logarithmic.end(before: 101) == .high)
    }

    @Test(arguments: [(0.0, 1.05), (95, 105), (3, 4000), (0.0001, 0.0003)])
    func `ticks are far enough apart to be read`(low: Double, high: Double) {
        for isLogarithmic in [false, true] where low > 0 || !isLogarithmic {
            let axis = Axis(low, high, from: 0, to: 300, logarithmic: isLogarithmic)
            let ticks = axis.ticks(atLeast: 40)
            #expect(!ticks.isEmpty)
            let places = ticks.map { axis.place($0) }
            #expect(zip(places, places.dropFirst()).allSatisfy { $1 - $0 > 39.999 })
            #expect(ticks.allSatisfy { (low...high).contains($0) })
        }
    }
}

@Suite struct SelfCheckTests {
    @Test func `one false alarm in twenty passes, two don't, nor does a second missed delay`()
        throws
    {
        let slow = try TrialFamilyTests.results([1.3], noise: 0.01, seed: 1)[0]
        let equal = try TrialFamilyTests.results([1], noise: 0.01, seed: 1)[0]
        #expect(slow.verdict == .regression)
        #expect(equal.verdict == .noRegression)
        func check(falseAlarms: Int, missed: Int) -> Bool {
            var check = SelfCheck(name: "cell")
            for index in 0..<20 { check.add(index < falseAlarms ? slow : equal, isDelayed: false) }
            for index in 0..<10 { check.add(index < missed ? equal : slow, isDelayed: true) }
            return check.isPassed
        }
        #expect(check(falseAlarms: 1, missed: 1))
        #expect(!check(falseAlarms: 2, missed: 0))
        #expect(!check(falseAlarms: 0, missed: 2))
        #expect(!SelfCheck(name: "cell").isPassed)
    }
}
