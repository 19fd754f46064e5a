internal import Foundation
internal import SluiceNative
internal import Testing

@Suite struct CertificateTests {
    private let library: CryptoLibrary

    init() throws {
        library = try CryptoLibrary.load(requireFIPS: false)
    }

    @Test func `a certificate is made, another each time`() throws {
        let request = LocalCertificate.Request(
            authorityName: "a test's", hosts: ["*.vault.example", "a.example"],
            domains: ["vault.example", "a.example"], addresses: ["127.0.0.1", "::1"], days: 30)
        let first = try LocalCertificate.make(request, library: library)
        let second = try LocalCertificate.make(request, library: library)
        #expect(first.leaf != second.leaf)
        #expect(first.authority != second.authority)
        let leaf = Data(first.leaf)
        for host in request.hosts { #expect(leaf.range(of: Data(host.utf8)) != nil, "\(host)") }
        let authority = Data(first.authority)
        for domain in request.domains { #expect(authority.range(of: Data(domain.utf8)) != nil) }
        #expect(authority.range(of: Data("a test's".utf8)) != nil)
        #expect(first.leafKey.byteCount > 32)
    }

    @Test func `a name that can't be is refused`() {
        let request = LocalCertificate.Request(
            authorityName: "x", hosts: ["a"], domains: ["a"], addresses: ["no address"], days: 1)
        #expect(throws: CryptoError.self) {
            _ = try LocalCertificate.make(request, library: library)
        }
    }

    @Test func `a token key signs, and loads as it was`() throws {
        let key = try TokenKey.generate(library)
        let message = Array("message".utf8)
        var signature = try key.sign(message.span)
        let form = try key.privateForm()
        let loaded = try form.withBytes { bytes throws(CryptoError) in
            try TokenKey(privateForm: bytes, library: library)
        }
        #expect(try loaded.verifies(signature.span, of: message.span))
        #expect(try loaded.publicNumbers().modulus == key.publicNumbers().modulus)
        #expect(try key.publicNumbers().exponent == [1, 0, 1])
        let other = Array("another".utf8)
        #expect(try !key.verifies(signature.span, of: other.span))
        signature[0] ^= 1
        #expect(try !key.verifies(signature.span, of: message.span))
        let none: [UInt8] = []
        #expect(try !key.verifies(none.span, of: message.span))
        #expect(throws: CryptoError.self) {
            try TokenKey(privateForm: message.span, library: library)
        }
    }

    @Test func `SHA-1 is FIPS 180's`() throws {
        let text = Array("abc".utf8)
        #expect(
            String(hexadecimal: try library.sha1(text.span))
                == "a9993e364706816aba3e25717850c26c9cd0d89d")
    }
}
