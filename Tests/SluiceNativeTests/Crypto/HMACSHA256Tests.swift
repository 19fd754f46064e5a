import SluiceNative
import Testing

struct HMACSHA256Tests {
    /// RFC 4231, test cases 1 to 4, 6 and 7: key, message, code.
    static let vectors: [(key: [UInt8], message: [UInt8], code: [UInt8])] = [
        (
            [UInt8](repeating: 0x0b, count: 20), Array("Hi There".utf8),
            hex("b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7")
        ),
        (
            Array("Jefe".utf8), Array("what do ya want for nothing?".utf8),
            hex("5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843")
        ),
        (
            [UInt8](repeating: 0xaa, count: 20), [UInt8](repeating: 0xdd, count: 50),
            hex("773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe")
        ),
        (
            (1...25).map { UInt8($0) }, [UInt8](repeating: 0xcd, count: 50),
            hex("82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b")
        ),
        (
            [UInt8](repeating: 0xaa, count: 131),
            Array("Test Using Larger Than Block-Size Key - Hash Key First".utf8),
            hex("60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54")
        ),
        (
            [UInt8](repeating: 0xaa, count: 131),
            Array(
                """
                This is a test using a larger than block-size key and a larger than block-size data. \
                The key needs to be hashed before being used by the HMAC algorithm.
                """.utf8),
            hex("9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2")
        ),
    ]

    @Test(arguments: vectors.indices) func `RFC 4231's codes come out`(index: Int) throws {
        let vector = Self.vectors[index]
        let library = try CryptoLibrary.load(requireFIPS: false)
        var hmac = try HMACSHA256(key: vector.key.span, library: library)
        #expect(array(try hmac.authenticate(vector.message.span)) == vector.code)
    }

    @Test func `a keyed context authenticates many messages, each afresh`() throws {
        let vector = Self.vectors[0]
        let library = try CryptoLibrary.load(requireFIPS: false)
        var hmac = try HMACSHA256(key: vector.key.span, library: library)
        let nothing: [UInt8] = []
        let empty = array(try hmac.authenticate(nothing.span))
        for _ in 0..<3 {
            #expect(array(try hmac.authenticate(vector.message.span)) == vector.code)
            #expect(array(try hmac.authenticate(nothing.span)) == empty)
        }
        #expect(empty != vector.code)
    }
}
