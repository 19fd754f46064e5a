import SluiceNative
import Testing

struct ScryptTests {
    /// RFC 7914, section 12, the first three.
    @Test func `RFC 7914's keys come out`() throws {
        #expect(
            try derive("", "", n: 16, r: 1, p: 1)
                == hex(
                    """
                    77d6576238657b203b19ca42c18a0497f16b4844e3074ae8dfdffa3fede21442\
                    fcd0069ded0948f8326a753a0fc81f17e8d3e0fb2e0d3628cf35e20c38d18906
                    """))
        #expect(
            try derive("password", "NaCl", n: 1024, r: 8, p: 16)
                == hex(
                    """
                    fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b373162\
                    2eaf30d92e22a3886ff109279d9830dac727afb94a83ee6d8360cbdfa2cc0640
                    """))
        #expect(
            try derive("pleaseletmein", "SodiumChloride", n: 16384, r: 8, p: 1)
                == hex(
                    """
                    7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2\
                    d5432955613f0fcf62d49705242a9af9e61e85dc0d651e40dfcf017b45575887
                    """))
    }

    @Test func `more than OpenSSL's own limit of 32 MiB is fine`() throws {
        #expect(try derive("p", "s", n: 65536, r: 8, p: 1).contains { $0 != 0 })
    }

    @Test(
        arguments: [
            (0, 8, 1), (1, 8, 1), (1000, 8, 1), (16, 0, 1), (16, 8, 0), (1 << 20, 8, 1),
            (1 << 62, 8, 1), (16, UInt32.max, UInt32.max),
        ] as [(UInt64, UInt32, UInt32)])
    func `parameters out of range are refused`(n: UInt64, r: UInt32, p: UInt32) throws {
        #expect {
            try derive("p", "s", n: n, r: r, p: p)
        } throws: { error in
            if case CryptoError.invalidParameter = error { true } else { false }
        }
    }

    private func derive(
        _ passphrase: String, _ salt: String, n: UInt64, r: UInt32, p: UInt32
    ) throws -> [UInt8] {
        let library = try CryptoLibrary.load(requireFIPS: false)
        var output = [UInt8](repeating: 0, count: 64)
        var span = output.mutableSpan
        let (passphrase, salt) = (Array(passphrase.utf8), Array(salt.utf8))
        try library.scrypt(
            passphrase: passphrase.span, salt: salt.span, n: n, r: r, p: p, into: &span)
        return output
    }
}
