import SluiceNative
import Testing

struct SHA256StreamTests {
    /// FIPS 180-4's examples.
    static let vectors: [(message: [UInt8], digest: [UInt8])] = [
        ([], hex("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")),
        (
            Array("abc".utf8),
            hex("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
        ),
        (
            Array("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq".utf8),
            hex("248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1")
        ),
        (
            [UInt8](repeating: UInt8(ascii: "a"), count: 1_000_000),
            hex("cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0")
        ),
    ]

    @Test(arguments: vectors.indices) func `FIPS 180-4's digests come out`(index: Int) throws {
        let vector = Self.vectors[index]
        let library = try CryptoLibrary.load(requireFIPS: false)
        #expect(array(try library.sha256(vector.message.span)) == vector.digest)
    }

    @Test(arguments: [1, 63, 64, 65, 1000]) func `pieces make no difference`(
        pieceByteCount: Int
    ) throws {
        let library = try CryptoLibrary.load(requireFIPS: false)
        var stream = try SHA256Stream(library)
        let message = (0..<5000).map { UInt8(truncatingIfNeeded: $0) }
        for start in stride(from: 0, to: message.count, by: pieceByteCount) {
            let end = min(start + pieceByteCount, message.count)
            try stream.update(message.span.extracting(start..<end))
        }
        #expect(array(try stream.finish()) == array(try library.sha256(message.span)))
    }

    @Test func `finishing begins another digest`() throws {
        let library = try CryptoLibrary.load(requireFIPS: false)
        var stream = try SHA256Stream(library)
        for vector in Self.vectors.prefix(3) {
            try stream.update(vector.message.span)
            #expect(array(try stream.finish()) == vector.digest)
        }
    }
}
