internal import Sluice
package import SluiceNative

/// Ids and secrets that nobody guesses. For any thread.
package struct UniqueText: Sendable {
    let library: CryptoLibrary

    /// Drawn from the generator of a library.
    package init(_ library: CryptoLibrary) { self.library = library }

    /// A random UUID (version 4).
    package func uuid() throws(ControlError) -> String {
        var bytes = try random(16)
        bytes[6] = bytes[6] & 0x0F | 0x40
        bytes[8] = bytes[8] & 0x3F | 0x80
        return Self.text(bytes)
    }

    /// A UUID that follows from a name, and is always the same.
    package func uuid(of name: String) throws(ControlError) -> String {
        do throws(CryptoError) {
            let digest = try library.sha256(Array("sluice uuid: \(name)".utf8).span)
            var bytes = (0..<16).map { digest[$0] }
            bytes[6] = bytes[6] & 0x0F | 0x50
            bytes[8] = bytes[8] & 0x3F | 0x80
            return Self.text(bytes)
        } catch {
            throw ControlError(.failed, "InternalServerError", "OpenSSL failed: \(error)")
        }
    }

    /// So many random bytes.
    package func random(_ byteCount: Int) throws(ControlError) -> [UInt8] {
        do throws(CryptoError) {
            var secret = try library.randomSecret(byteCount: byteCount)
            return secret.withMutableBytes { bytes in
                (0..<byteCount).map { bytes[$0] }
            }
        } catch {
            throw ControlError(.failed, "InternalServerError", "there is no randomness: \(error)")
        }
    }

    private static func text(_ bytes: [UInt8]) -> String {
        let digits = Array(String(hexadecimal: bytes))
        return [0..<8, 8..<12, 12..<16, 16..<20, 20..<32].map { String(digits[$0]) }
            .joined(separator: "-")
    }
}
