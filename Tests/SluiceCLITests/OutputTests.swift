internal import Testing

@testable import SluiceCLI

@Suite struct OutputTests {
    @Test(arguments: [
        (0, "0 B"), (1023, "1023 B"), (1024, "1.0 KiB"), (1_048_524, "1023.9 KiB"),
        (1_048_575, "1.0 MiB"), (1 << 20, "1.0 MiB"), (1_610_612_736, "1.5 GiB"),
        (Int.max, "8.0 EiB"),
    ])
    func `sizes are for people`(byteCount: Int, text: String) {
        #expect(Quantity.bytes(byteCount) == text)
    }

    @Test func `counts and durations are for people`() {
        #expect(Quantity.count(1, "object") == "1 object")
        #expect(Quantity.count(0, "object") == "0 objects")
        #expect(Quantity.count(1_234_567, "byte") == "1,234,567 bytes")
        #expect(Quantity.duration(seconds: 7) == "0:07")
        #expect(Quantity.duration(seconds: 3599) == "59:59")
        #expect(Quantity.duration(seconds: 3723) == "1:02:03")
    }

    @Test(arguments: [
        (0, "1970-01-01T00:00:00Z"), (951_782_399, "2000-02-28T23:59:59Z"),
        (951_782_400, "2000-02-29T00:00:00Z"), (4_107_542_400, "2100-03-01T00:00:00Z"),
        (-1, "1969-12-31T23:59:59Z"), (1_795_462_394, "2026-11-23T19:33:14Z"),
    ])
    func `times are in UTC`(seconds: Int, text: String) {
        #expect(Timestamp(seconds: seconds).description == text)
        #expect(Timestamp(milliseconds: seconds * 1000 + 999).description == text)
    }

    @Test func `columns line up`() {
        var table = Table(.left, .right, titles: ["NAME", "SIZE"])
        table.append(["a", "1"])
        table.append(["longer", "12345"])
        #expect(table.text == "NAME     SIZE\na           1\nlonger  12345\n")
        #expect(Table(.left).text == "")
        var forged = Table(.left)
        forged.append(["a\nb"])
        #expect(forged.text == "a\\nb\n")
    }

    @Test func `a terminal is shown control characters and not sent them`() {
        #expect(PrintableText.escaped("plain é 漢") == "plain é 漢")
        #expect(PrintableText.escaped("a\u{1B}[0m\n") == "a\\u{1B}[0m\\n")
        #expect(PrintableText.escaped("a\nb", keepingLines: true) == "a\nb")
        #expect(PrintableText.escaped("a\u{202E}b") == "a\\u{202E}b")
    }

    @Test(
        arguments: [
            0x00, 0x7F, 0x85, 0xAD, 0x34F, 0x61C, 0x115F, 0x180E, 0x200B, 0x200C, 0x200D, 0x200E,
            0x2028,
            0x2029, 0x202A, 0x2060, 0x2064, 0x2066, 0x2069, 0x206F, 0x3164, 0xFE00, 0xFE0F, 0xFEFF,
            0xFFA0, 0xFFF9, 0x1D173, 0xE0001, 0xE0020, 0xE007F, 0xE0100, 0xE01EF,
        ] as [UInt32])
    func `what can't be seen, or breaks a line, is shown by its number`(value: UInt32) throws {
        let scalar = try #require(Unicode.Scalar(value))
        let text = PrintableText.escaped("a\(scalar)b")
        #expect(text.utf8.allSatisfy { (0x20...0x7E).contains($0) })
        #expect(text.hasPrefix("a\\") && text.hasSuffix("b"))
    }

    @Test func `letters, marks and emoji of all scripts stay`() {
        for text in ["é", "e\u{301}", "漢字", "ไทย", "עברית", "हिन्दी", "😀", "a\u{A0}b", "\\"] {
            #expect(PrintableText.escaped(text) == text)
        }
    }

    @Test func `progress tells rate and time left, and fits`() {
        let half = ProgressFigures(
            done: 1 << 30, total: 2 << 30, unit: .bytes, elapsedNanoseconds: 2_000_000_000)
        #expect(
            half.line(label: "x.bin", width: 79)
                == "x.bin  1.0 GiB of 2.0 GiB  50%  512.0 MiB/s  0:02 left")
        let long = String(repeating: "n", count: 100)
        for width in 1...120 {
            #expect(half.line(label: long, width: width).count <= width)
        }
        let unknown = ProgressFigures(
            done: 1024, total: nil, unit: .bytes, elapsedNanoseconds: 1_000_000_000)
        #expect(unknown.line(label: "x", width: 79) == "x  1.0 KiB  1.0 KiB/s")
        let idle = ProgressFigures(
            done: 0, total: 10, unit: .bytes, elapsedNanoseconds: 1_000_000_000)
        #expect(idle.line(label: "x", width: 79) == "x  0 B of 10 B  0%  0 B/s")
        let objects = ProgressFigures(
            done: 2500, total: 10_000, unit: .objects, elapsedNanoseconds: 2_000_000_000)
        #expect(
            objects.line(label: "rewrap", width: 79)
                == "rewrap  2,500 of 10,000 objects  25%  1,250/s  0:06 left")
    }

    @Test func `OpenSSL's version is read from its text`() {
        #expect(
            OpenSSLVersion("OpenSSL 3.0.19 27 Jan 2026") == OpenSSLVersion(major: 3, minor: 0))
        #expect(OpenSSLVersion("LibreSSL") == nil)
        #expect(OpenSSLVersion(major: 3, minor: 10) > OpenSSLVersion(major: 3, minor: 9))
    }
}
