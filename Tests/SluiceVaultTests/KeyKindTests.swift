import SluiceAccess
import SluiceNative
import Synchronization
import TestSupport
import Testing

@testable import SluiceVault

/// Keys of every kind, and what is done with them.
@Suite struct KeyKindTests {
    let clock = ManualClock()
    let vaults: VaultDirectory
    var owner: ActingVaults { vaults.acting(as: .owner) }

    init() throws { vaults = try memoryVaults(clock: clock) }

    private static func digest(_ algorithm: SignatureAlgorithm) -> [UInt8] {
        [UInt8](repeating: 7, count: algorithm.digestByteCount)
    }

    private func make(
        _ kind: KeyKind, _ name: String = "k", settings: KeySettings = KeySettings()
    ) throws(VaultError) -> KeyIdentifier {
        try owner.createKey(vault: "default", name: name, kind: kind, settings: settings).key.kid
    }

    @Test(
        arguments: [
            ("RSA", nil, nil, KeyKind.rsa2048), ("rsa", 3072, nil, .rsa3072),
            ("RSA", 4096, "P-256", .rsa4096), ("EC", nil, nil, .p256), ("ec", 2048, "p-384", .p384),
            ("EC", nil, "P-521", .p521), ("EC", nil, "P-256K", .p256K), ("RSA", 1024, nil, nil),
            ("RSA", 0, nil, nil), ("EC", nil, "P-192", nil), ("EC", nil, "RSA-2048", nil),
            ("EC", nil, "", nil), ("RSA-HSM", 2048, nil, nil), ("EC-HSM", nil, "P-256", nil),
            ("oct", nil, nil, nil), ("", nil, nil, nil),
        ] as [(String, Int?, String?, KeyKind?)])
    func `a kind is read as the service calls it`(
        keyType: String, bitCount: Int?, curve: String?, kind: KeyKind?
    ) {
        let read = Result { () throws(VaultError) in
            try KeyKind(keyType: keyType, bitCount: bitCount, curve: curve)
        }
        #expect((try? read.get()) == kind)
        if kind == nil {
            #expect(
                refusal { () throws(VaultError) in try read.get() } == .unsupportedKey)
        }
    }

    // MARK: Operations

    @Test(arguments: KeyKind.allCases)
    func `a key does what its kind can, and nothing else`(kind: KeyKind) throws {
        let key = try make(kind)
        let plaintext: [UInt8] = [1, 2, 3]
        for algorithm in EncryptionAlgorithm.allCases {
            guard kind.curve == nil else {
                #expect(
                    refusal { () throws(VaultError) in
                        try owner.encrypt(plaintext, with: key, algorithm)
                    } == .operationNotPermitted)
                continue
            }
            let encrypted = try owner.encrypt(plaintext, with: key.versionless, algorithm)
            #expect(encrypted.key == key)
            let bytes = encrypted.value
            #expect(try owner.decrypt(bytes, with: key, algorithm).value == plaintext)
            let wrapped = try owner.wrapKey(plaintext, with: key, algorithm).value
            #expect(try owner.unwrapKey(wrapped, with: key, algorithm).value == plaintext)
            #expect(
                refusal { () throws(VaultError) in
                    try owner.decrypt(Array(bytes.dropLast()), with: key, algorithm)
                } == .unwrapFailed)
            #expect(
                refusal { () throws(VaultError) in
                    try owner.wrapKey([UInt8](repeating: 1, count: 512), with: key, algorithm)
                } == .invalidArgument)
        }
        for algorithm in SignatureAlgorithm.allCases {
            let digest = Self.digest(algorithm)
            guard algorithm.kind == (kind.curve == nil ? nil : kind) else {
                #expect(
                    refusal { () throws(VaultError) in
                        try owner.sign(digest, with: key, algorithm)
                    } == .invalidArgument)
                continue
            }
            let signature = try owner.sign(digest, with: key, algorithm).value
            var other = digest
            other[0] = 8
            #expect(try owner.verify(signature, of: digest, with: key, algorithm).value)
            #expect(try !owner.verify(signature, of: other, with: key, algorithm).value)
            #expect(try !owner.verify([], of: digest, with: key, algorithm).value)
            #expect(
                refusal { () throws(VaultError) in
                    try owner.sign(digest + [1], with: key, algorithm)
                } == .invalidArgument)
        }
    }

    /// Uses the key as `someone`, in each way.
    private func use(_ key: KeyIdentifier, for operation: KeyOperation) throws(VaultError) {
        let vaults = vaults.acting(as: someone)
        let digest = Self.digest(.rs256)
        switch operation {
        case .encrypt: _ = try vaults.encrypt([1], with: key, .rsaOAEP)
        case .decrypt: _ = try vaults.decrypt(Vectors.wrapped, with: key, .rsaOAEP256)
        case .wrapKey: _ = try vaults.wrapKey([1], with: key, .rsaOAEP)
        case .unwrapKey: _ = try vaults.unwrapKey(Vectors.wrapped, with: key, .rsaOAEP256)
        case .sign: _ = try vaults.sign(digest, with: key, .rs256)
        default: _ = try vaults.verify([1], of: digest, with: key, .rs256)
        }
    }

    private func refusals(
        _ key: KeyIdentifier
    ) -> [KeyOperation: VaultError.Code] {
        var refusals: [KeyOperation: VaultError.Code] = [:]
        for operation in KeyOperation.ofKeys {
            refusals[operation] = refusal { () throws(VaultError) in
                try use(key, for: operation)
            }
        }
        return refusals
    }

    @Test func `each operation takes its own permission`() throws {
        let key = try vaults.addKnownKey()
        for operation in KeyOperation.ofKeys {
            try vaults.permit(operation)
            let refused = KeyOperation.ofKeys.filter { $0 != operation }
            #expect(
                refusals(key)
                    == Dictionary(uniqueKeysWithValues: refused.map { ($0, .accessDenied) }))
        }
    }

    @Test func `a key's own operations, its dates and its state decide`() throws {
        let key = try vaults.addKnownKey()
        _ = try owner.setAccessPolicy(
            vault: "default", for: someone, permissions: KeyOperation.ofKeys)
        func all(
            _ code: VaultError.Code, _ operations: [KeyOperation]
        ) -> [KeyOperation: VaultError.Code] {
            Dictionary(uniqueKeysWithValues: operations.map { ($0, code) })
        }
        #expect(refusals(key).isEmpty)
        _ = try owner.updateKey(key, KeyChanges(expiresSeconds: clock.nowSeconds()))
        #expect(refusals(key) == all(.keyExpired, [.encrypt, .wrapKey, .sign]))
        _ = try owner.updateKey(
            key, KeyChanges(notBeforeSeconds: clock.nowSeconds() + 1, removing: [.expiry]))
        #expect(refusals(key) == all(.keyNotYetValid, [.encrypt, .wrapKey, .sign]))
        clock.advance(bySeconds: 1)
        #expect(refusals(key).isEmpty)
        _ = try owner.updateKey(key, KeyChanges(operations: [.verify, .decrypt]))
        #expect(
            refusals(key)
                == all(.operationNotPermitted, [.encrypt, .wrapKey, .unwrapKey, .sign]))
        _ = try owner.updateKey(key, KeyChanges(isEnabled: false))
        #expect(refusals(key) == all(.keyDisabled, KeyOperation.ofKeys))
        _ = try owner.deleteKey(key.versionless)
        #expect(refusals(key) == all(.keyDeleted, KeyOperation.ofKeys))
    }

    // MARK: Life

    @Test(arguments: [KeyKind.rsa3072, .p256, .p521])
    func `a key of any kind is stored, rotated, backed up and restored`(kind: KeyKind) throws {
        let files = try TemporaryVaults()
        let owner = try files.open().acting(as: .owner)
        _ = try owner.createVault(name: "default", isPurgeProtected: false)
        let first = try owner.createKey(vault: "default", name: "k", kind: kind).key
        let algorithm =
            kind == .rsa3072 ? SignatureAlgorithm.ps384 : kind == .p256 ? .es256 : .es512
        let digest = Self.digest(algorithm)
        let signature = try owner.sign(digest, with: first.kid, algorithm).value
        let second = try owner.rotateKey(vault: "default", name: "k").result.key
        #expect(second.kty == first.kty)
        #expect(second.crv == first.crv)
        #expect(second.n?.count == first.n?.count)
        #expect(second.x != first.x || second.n != first.n)
        #expect(second.keyOperations == first.keyOperations)
        let other = try files.open().acting(as: .owner)
        #expect(try other.key(first.kid).key == first)
        #expect(try other.verify(signature, of: digest, with: first.kid, algorithm).value)
        let backup = try other.backupKey(vault: "default", name: "k")
        _ = try other.deleteKey(first.kid.versionless)
        _ = try other.purgeKey(first.kid.versionless)
        #expect(try other.restoreKey(vault: "default", from: backup).result.key == second)
        #expect(try owner.verify(signature, of: digest, with: first.kid, algorithm).value)
        #expect(try !owner.verify(signature, of: digest, with: second.kid, algorithm).value)
    }

    @Test func `a rotation policy makes versions of the key's kind`() throws {
        let key = try make(.p384)
        _ = try owner.setRotationPolicy(
            RotationPolicy(rotateAfterCreate: .days(30)), vault: "default", name: "k")
        clock.advance(bySeconds: days(31))
        let newest = try owner.key(key.versionless).key
        #expect(newest.kid != key)
        #expect(newest.crv == "P-384")
    }

    @Test func `a key has operations of its kind only`() throws {
        #expect(
            refusal { () throws(VaultError) in
                try make(.p256, settings: KeySettings(operations: [.sign, .wrapKey]))
            } == .invalidArgument)
        let key = try make(.p256)
        #expect(
            refusal { () throws(VaultError) in
                try owner.updateKey(key, KeyChanges(operations: [.encrypt]))
            } == .invalidArgument)
        #expect(
            refusal { () throws(VaultError) in
                try vaults.importKey(
                    "i", Vectors.elliptic, settings: KeySettings(operations: [.decrypt]))
            } == .invalidArgument)
    }

    @Test(arguments: KeyKind.allCases.filter { !KeyKind.ofStores.contains($0) })
    func `a store's data is not put under a key of another kind`(kind: KeyKind) throws {
        let key = try make(kind)
        let store = Identity(objectID: "99999999-2222-3333-4444-555555555555")
        _ = try owner.setAccessPolicy(vault: "default", for: store)
        #expect(
            refusal { () throws(VaultError) in
                try vaults.checkSuitableForStore(key, as: store)
            } == .unsupportedKey)
        #expect(
            refusal { () throws(VaultError) in try vaults.wrap(secret, key) }
                == (kind.curve == nil ? .unsupportedKey : .operationNotPermitted))
    }

    @Test func `numbers make the key that PEM makes`() throws {
        guard
            case .elliptic(let key) = try PrivateKey(
                pem: Array(Vectors.elliptic.utf8).span,
                library: CryptoLibrary.load(requireFIPS: false))
        else { throw CancellationError() }
        let form = key.storedForm().array()
        let secret = Array(form.suffix(32).reversed())
        let numbers = PrivateKeyNumbers.elliptic(
            .p256, x: key.publicKey.x, y: key.publicKey.y,
            secret: SharedSecret(SecretBytes(copying: secret.span)))
        let imported = try owner.importKey(vault: "default", name: "n", numbers: numbers).key
        let signature = try owner.sign(Self.digest(.es256), with: imported.kid, .es256).value
        let read = try vaults.importKey("p", Vectors.elliptic).key
        #expect(read.x == imported.x)
        #expect(
            try owner.verify(signature, of: Self.digest(.es256), with: read.kid, .es256).value)
        let wrong = PrivateKeyNumbers.elliptic(
            .p256, x: key.publicKey.y, y: key.publicKey.x,
            secret: SharedSecret(SecretBytes(copying: secret.span)))
        #expect(
            refusal { () throws(VaultError) in
                try owner.importKey(vault: "default", name: "w", numbers: wrong)
            } == .malformedKey)
    }

    // MARK: Releases

    /// Does something between the use of a key and the release of what came of it.
    private final class Interloper: BarrierHook {
        let act = Mutex<(@Sendable () throws -> Void)?>(nil)

        func enter(
            _ barrier: ReadBarrier, _ passage: inout Passage,
            _ authority: borrowing some PassageAuthority
        ) throws(VaultError) -> Int {
            let act = act.withLock { act in
                defer { act = nil }
                return act
            }
            do { try act?() } catch { throw VaultError(.io, "the interloper failed: \(error)") }
            while true {
                let epoch = barrier.epoch
                try barrier.renew(&passage, epoch, authority)
                guard let slot = barrier.slots.take(epoch) else { return ReadBarrier.noSlot }
                if barrier.epoch == epoch { return slot }
                barrier.slots.leave(slot)
            }
        }

        func epochOfChange(_ odd: UInt64) -> UInt64 { odd }
        var waitsForReaders: Bool { true }
    }

    @Test(arguments: KeyOperation.ofKeys)
    func `what was done before a revocation is not handed out after it`(
        operation: KeyOperation
    ) throws {
        let files = try TemporaryVaults()
        let interloper = Interloper()
        let vaults = try VaultDirectory.open(
            path: files.path, clock: files.clock, library: files.library, barrierHook: interloper)
        let owner = vaults.acting(as: .owner)
        _ = try owner.createVault(name: "default")
        let key = try vaults.addKnownKey()
        let tests = KeyKindTests(vaults)
        try vaults.permit(operation)
        #expect(tests.refusals(key)[operation] == nil)
        interloper.act.withLock { act in
            act = {
                let change = try owner.deleteAccessPolicy(vault: "default", for: someone)
                #expect(change.isConfirmed)
            }
        }
        #expect(tests.refusals(key)[operation] == .accessDenied)
        let last = try owner.operations(vault: "default").records.last {
            $0.operation == operation.rawValue && $0.outcome == "accessDenied"
        }
        #expect(last?.key == key)
    }

    private init(_ vaults: VaultDirectory) { self.vaults = vaults }

    @Test func `a result says what it was handed out under`() async throws {
        let key = try vaults.addKnownKey()
        let result = try await owner.decrypt(Vectors.wrapped, with: key.versionless, .rsaOAEP256)
        #expect(result.value == secret)
        #expect(result.grant.key == key)
        #expect(result.grant.operation == .decrypt)
        #expect(result.grant.identity == .owner)
        #expect(result.grant.epoch == vaults.epoch)
    }
}
