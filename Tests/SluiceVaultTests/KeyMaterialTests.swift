import SluiceAccess
import SluiceNative
import Synchronization
import TestSupport
import Testing

@testable import SluiceVault

/// Key material whose private key is elsewhere, as in a token: all of it goes through one protocol.
@Suite struct KeyMaterialTests {
    /// Holds a key that nobody else has, counts what it is asked for, and can be away.
    private final class Token: HeldKey {
        let key: RSAPrivateKey
        let state = Mutex((unwrapCount: 0, forgetCount: 0, isAway: false))

        init() throws { key = try .generate(try CryptoLibrary.load(requireFIPS: false)) }

        func decrypt(
            _ encrypted: Span<UInt8>, _ algorithm: EncryptionAlgorithm
        ) throws(VaultError) -> SecretBytes {
            #expect(algorithm == .rsaOAEP256)
            let isAway = state.withLock { state in
                state.unwrapCount += 1
                return state.isAway
            }
            guard !isAway else { throw VaultError(.io, "the token was pulled out: put it back") }
            do { return try key.unwrap(encrypted) } catch {
                throw VaultError(.unwrapFailed, "the token doesn't know this")
            }
        }

        func sign(
            _ digest: Span<UInt8>, _ algorithm: SignatureAlgorithm
        ) throws(VaultError) -> [UInt8] {
            do { return try key.sign(digest, .sha256, .pkcs1) } catch {
                throw VaultError(.io, "the token can't sign this")
            }
        }

        func forget() { state.withLock { $0.forgetCount += 1 } }

        var isLoaded: Bool { false }
    }

    @Test func `what a token unwraps is asked of the token each time`() throws {
        let token = try Token()
        let identifier = try KeyIdentifier(
            vault: "mine", name: "key", version: "0123456789abcdef0123456789abcdef")
        let material = try KeyMaterial(
            identifier, PrivateKey.rsa(token.key).storedPublicKey, privateKey: token,
            library: try CryptoLibrary.load(requireFIPS: false))
        let bytes = secret
        let wrapped = try material.wrap(bytes.span)
        #expect(token.state.withLock { $0.unwrapCount } == 0)
        for _ in 0..<2 {
            let unwrapped = try material.unwrap(wrapped.bytes)
            #expect(unwrapped.withBytes { [UInt8](copying: $0) } == bytes)
        }
        #expect(token.state.withLock { $0.unwrapCount } == 2)
        let digest = secret
        let signature = try material.sign(digest.span, .rs256)
        #expect(try material.verify(signature.span, of: digest.span, .rs256))
        token.state.withLock { $0.isAway = true }
        #expect(
            refusal { () throws(VaultError) in _ = try material.unwrap(wrapped.bytes) } == .io)
    }
}
