internal import SluiceAccess
package import SluiceNative
internal import SluiceREST

/// A certificate in the forms in which clients take what they trust.
package enum TrustFiles {
    /// What a Java store is opened with. It holds no secret, and Java wants one.
    package static let javaPassword = "changeit"

    /// PEM (RFC 7468).
    package static func pem(_ certificate: [UInt8]) -> String {
        let text = Array(Base64.encode(certificate).utf8)
        let lines = stride(from: 0, to: text.count, by: 64).map { start in
            String(decoding: text[start..<min(start + 64, text.count)], as: UTF8.self)
        }
        return (["-----BEGIN CERTIFICATE-----"] + lines + ["-----END CERTIFICATE-----", ""])
            .joined(separator: "\n")
    }

    /// Java's own form (JKS), with the one certificate: what every Java reads without a library.
    package static func javaStore(
        _ certificate: [UInt8], library: CryptoLibrary
    ) throws(CryptoError) -> [UInt8] {
        func number(_ value: Int, byteCount: Int) -> [UInt8] {
            (0..<byteCount).reversed().map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
        }
        func text(_ text: String) -> [UInt8] {
            number(text.utf8.count, byteCount: 2) + Array(text.utf8)
        }
        let (magic, version, entryCount, trusted) = (0xFEED_FEED, 2, 1, 2)
        var bytes = [magic, version, entryCount, trusted].flatMap { number($0, byteCount: 4) }
        bytes += text("sluice") + number(WallClock.nowMilliseconds, byteCount: 8) + text("X.509")
        bytes += number(certificate.count, byteCount: 4) + certificate
        let salt = javaPassword.utf16.flatMap { number(Int($0), byteCount: 2) }
        let digest = try library.sha1((salt + Array("Mighty Aphrodite".utf8) + bytes).span)
        return bytes + digest
    }
}
