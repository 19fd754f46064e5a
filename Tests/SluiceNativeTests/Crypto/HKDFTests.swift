import SluiceNative
import Testing

struct HKDFTests {
    struct Vector: Sendable {
        let secret, salt, info, output: [UInt8]
    }

    /// RFC 5869, appendices A.1 to A.3.
    static let vectors = [
        Vector(
            secret: [UInt8](repeating: 0x0b, count: 22), salt: hex("000102030405060708090a0b0c"),
            info: hex("f0f1f2f3f4f5f6f7f8f9"),
            output: hex(
                """
                3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865
                """)),
        Vector(
            secret: (0x00...0x4f).map { UInt8($0) }, salt: (0x60...0xaf).map { UInt8($0) },
            info: (0xb0...0xff).map { UInt8($0) },
            output: hex(
                """
                b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c\
                59045a99cac7827271cb41c65e590e09da3275600c2f09b8367793a9aca3db71\
                cc30c58179ec3e87c14c01d5c1f3434f1d87
                """)),
        Vector(
            secret: [UInt8](repeating: 0x0b, count: 22), salt: [], info: [],
            output: hex(
                """
                8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8
                """)),
    ]

    @Test(arguments: vectors) func `RFC 5869's keys come out`(vector: Vector) throws {
        #expect(try derive(vector, byteCount: vector.output.count) == vector.output)
    }

    @Test(arguments: [0, 1, 31, 32, 33, 64, 81]) func `a shorter output is a prefix`(
        byteCount: Int
    ) throws {
        let vector = Self.vectors[1]
        #expect(
            try derive(vector, byteCount: byteCount) == Array(vector.output.prefix(byteCount)))
    }

    @Test func `the longest output can be had`() throws {
        let longest = try derive(Self.vectors[1], byteCount: 255 * 32)
        #expect(Array(longest.prefix(82)) == Self.vectors[1].output)
        #expect(
            Set(stride(from: 0, to: longest.count, by: 32).map { longest[$0..<($0 + 32)] }).count
                == 255)
    }

    @Test func `derivations in many threads don't disturb one another`() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for task in 0..<8 {
                group.addTask {
                    for round in 0..<200 {
                        let vector = Self.vectors[(task + round) % Self.vectors.count]
                        let output = try self.derive(vector, byteCount: vector.output.count)
                        #expect(output == vector.output)
                    }
                }
            }
            try await group.waitForAll()
        }
    }

    private func derive(_ vector: Vector, byteCount: Int) throws -> [UInt8] {
        let library = try CryptoLibrary.load(requireFIPS: false)
        var output = [UInt8](repeating: 0, count: byteCount)
        var span = output.mutableSpan
        try library.hkdfSHA256(
            secret: vector.secret.span, salt: vector.salt.span, info: vector.info.span, into: &span)
        return output
    }
}
