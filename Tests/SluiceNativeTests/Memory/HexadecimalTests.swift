import SluiceNative
import Testing

@Suite struct HexadecimalTests {
    @Test func `every byte comes back, in either case`() {
        let bytes = Array(UInt8.min...UInt8.max)
        let text = String(hexadecimal: bytes)
        #expect(text.hasPrefix("000102") && text.hasSuffix("fdfeff"))
        #expect([UInt8](hexadecimal: text) == bytes)
        #expect([UInt8](hexadecimal: text.uppercased()) == bytes)
        #expect([UInt8](hexadecimal: "") == [])
    }

    @Test(arguments: [
        "0", "000", "+f", "-0", " f", "f ", "0x", "fg", "/0", ":0", "@0", "G0", "`0", "é",
    ])
    func `what isn't two digits a byte is nothing`(text: String) {
        #expect([UInt8](hexadecimal: text) == nil)
    }
}
