import SluiceAccess
import SluiceNative
import TestSupport
import Testing

@testable import SluiceVault

@Suite struct KeyServiceTests {
    let clock = ManualClock(milliseconds: 1_000_000)
    let vaults: VaultDirectory

    init() throws { vaults = try memoryVaults(clock: clock) }

    private func key(_ settings: KeySettings = KeySettings()) throws -> KeyIdentifier {
        try vaults.addKnownKey(settings: settings)
    }

    private func authorizeRefusal(
        _ key: KeyIdentifier, _ operation: KeyOperation
    ) -> VaultError.Code? {
        refusal { () throws(VaultError) in
            try vaults.authorize(key, for: operation, as: .owner, deadline: .none)
        }
    }

    // MARK: Wrapping

    @Test(arguments: [0, 1, 32, 189, 190])
    func `what was wrapped unwraps`(byteCount: Int) throws {
        let secret = (0..<byteCount).map { UInt8(truncatingIfNeeded: $0) }
        let key = try key()
        let wrapped = try vaults.wrap(secret, key)
        #expect(wrapped.scheme == 1)
        #expect(wrapped.key == key)
        #expect(wrapped.bytes.count == 256)
        #expect(try vaults.unwrap(wrapped) == secret)
    }

    @Test func `a secret that is too long is refused`() throws {
        let key = try key()
        #expect(
            refusal { () throws(VaultError) in
                try vaults.wrap([UInt8](repeating: 1, count: 191), key)
            } == .invalidArgument)
    }

    @Test func `wrapping twice gives different bytes`() throws {
        let key = try key()
        #expect(try vaults.wrap(secret, key) != vaults.wrap(secret, key))
    }

    @Test func `a versionless identifier wraps under the newest version and names it`() throws {
        _ = try key()
        let newest = try key()
        let wrapped = try vaults.wrap(secret, newest.versionless)
        #expect(wrapped.key == newest)
        #expect(try vaults.unwrap(wrapped) == secret)
        let later = try key()
        #expect(try vaults.wrap(secret, newest.versionless).key == later)
        #expect(try vaults.unwrap(wrapped) == secret)
    }

    @Test func `what was not wrapped under a version does not unwrap under it`() throws {
        let first = try key()
        let second = try vaults.acting(as: .owner).createKey(vault: "default", name: "k").key.kid
        let wrapped = try vaults.wrap(secret, first)
        func code(_ key: KeyIdentifier, _ bytes: [UInt8]) -> VaultError.Code? {
            refusal { () throws(VaultError) in
                try vaults.unwrap(WrappedKey(scheme: 1, key: key, bytes: bytes))
            }
        }
        var flipped = wrapped.bytes
        flipped[100] ^= 1
        #expect(code(second, wrapped.bytes) == .unwrapFailed)
        #expect(code(first, flipped) == .unwrapFailed)
        #expect(code(first, []) == .unwrapFailed)
        #expect(code(first, wrapped.bytes.dropLast()) == .unwrapFailed)
        #expect(code(first, wrapped.bytes + [0]) == .unwrapFailed)
    }

    // MARK: Permission

    @Test func `a grant names the version and the identity`() throws {
        let key = try key()
        let grant = try vaults.authorize(
            key.versionless, for: .unwrapKey, as: .owner, deadline: .none)
        #expect(grant.key == key)
        #expect(grant.identity == .owner)
        #expect(grant.operation == .unwrapKey)
        #expect(grant.epoch == vaults.epoch)
    }

    @Test func `an identity without a policy is refused everything`() throws {
        let key = try key()
        let wrapped = try vaults.wrap(secret, key)
        let other = Identity(objectID: "11111111-2222-3333-4444-555555555555")
        let refusals = [
            refusal { () throws(VaultError) in
                try vaults.describe(key, as: other, deadline: .none)
            },
            refusal { () throws(VaultError) in
                try vaults.authorize(key, for: .unwrapKey, as: other, deadline: .none)
            },
            refusal { () throws(VaultError) in
                try vaults.wrap(secret, key, as: other)
            },
            refusal { () throws(VaultError) in
                try vaults.unwrap(wrapped.bytes, under: key, as: other, deadline: .none)
            },
        ]
        #expect(refusals.allSatisfy { $0 == .accessDenied })
        let unknown = try KeyIdentifier(vault: "nowhere", name: "k")
        #expect(
            refusal { () throws(VaultError) in
                try vaults.authorize(unknown, for: .get, as: other, deadline: .none)
            } == .vaultNotFound)
        let missing = try KeyIdentifier(vault: "default", name: "missing")
        #expect(
            refusal { () throws(VaultError) in
                try vaults.authorize(missing, for: .get, as: other, deadline: .none)
            } == .accessDenied)
    }

    @Test func `a disabled version does nothing but tell that it is disabled`() throws {
        let key = try key(KeySettings(isEnabled: false))
        #expect(refusal { () throws(VaultError) in try vaults.wrap(secret, key) } == .keyDisabled)
        let wrapped = WrappedKey(scheme: 1, key: key, bytes: Vectors.wrapped)
        #expect(refusal { () throws(VaultError) in try vaults.unwrap(wrapped) } == .keyDisabled)
        #expect(authorizeRefusal(key, .get) == .keyDisabled)
        #expect(try !vaults.describe(key, as: .owner, deadline: .none).isEnabled)
    }

    @Test func `outside nbf and exp a version unwraps but does not wrap`() throws {
        let key = try key(KeySettings(notBeforeSeconds: 2_000, expiresSeconds: 3_000))
        // 999 s before nbf, 1 s before, at nbf, 1 s before exp, at exp.
        let expected: [(advance: Int, code: VaultError.Code?)] = [
            (1, .keyNotYetValid), (998, .keyNotYetValid), (1, nil), (999, nil), (1, .keyExpired),
            (1_000_000, .keyExpired),
        ]
        var wrapped: WrappedKey?
        for (seconds, code) in expected {
            clock.advance(bySeconds: seconds)
            #expect(authorizeRefusal(key, .wrapKey) == code)
            #expect(authorizeRefusal(key, .encrypt) == code)
            #expect(authorizeRefusal(key, .unwrapKey) == nil)
            #expect(authorizeRefusal(key, .decrypt) == nil)
            #expect(refusal { () throws(VaultError) in try vaults.wrap(secret, key) } == code)
            if code == nil { wrapped = try vaults.wrap(secret, key) }
        }
        #expect(try vaults.unwrap(#require(wrapped)) == secret)
    }

    @Test func `an operation that a version was not made for is refused`() throws {
        let key = try key(KeySettings(operations: [.wrapKey]))
        let wrapped = try vaults.wrap(secret, key)
        #expect(
            refusal { () throws(VaultError) in try vaults.unwrap(wrapped) }
                == .operationNotPermitted)
        #expect(authorizeRefusal(key, .unwrapKey) == .operationNotPermitted)
        #expect(authorizeRefusal(key, .get) == nil)
    }

    // MARK: Description

    @Test func `a description is that of the bundle`() throws {
        let bundle = try vaults.importKey(
            "mine", Vectors.pkcs8,
            settings: KeySettings(notBeforeSeconds: 5, expiresSeconds: 6))
        let description = try vaults.describe(
            bundle.key.kid.versionless, as: .owner, deadline: .none)
        #expect(description.identifier == bundle.key.kid)
        #expect(description.kind == .rsa2048)
        guard case .rsa(let modulus, let exponent) = description.publicNumbers else {
            Issue.record("it is no RSA key")
            return
        }
        #expect(Base64.encodeForURL(modulus) == Vectors.modulus)
        #expect(exponent == [1, 0, 1])
        #expect(description.notBeforeSeconds == 5)
        #expect(description.expiresSeconds == 6)
        #expect(description.createdSeconds == 1_000)
        #expect(description.isEnabled)
    }

    // MARK: Platform

    @Test func `the platform's key is made once and is like any other`() throws {
        let key = try vaults.platformKey()
        #expect(key.vault == "platform")
        #expect(key.version == nil)
        #expect(try vaults.platformKey() == key)
        #expect(
            try vaults.acting(as: .owner).keyVersions(vault: key.vault, name: key.name).count == 1)
        #expect(try vaults.unwrap(vaults.wrap(secret, key)) == secret)
        #expect(try vaults.acting(as: .owner).vaults().map(\.name) == ["default", "platform"])
    }

    @Test func `nobody makes keys in the platform's vault`() throws {
        _ = try vaults.platformKey()
        #expect(
            refusal { () throws(VaultError) in
                try vaults.acting(as: .owner).createKey(vault: "platform", name: "platform")
            } == .accessDenied)
        #expect(
            refusal { () throws(VaultError) in
                try vaults.addKnownKey(vault: "Platform")
            } == .accessDenied)
    }
}
