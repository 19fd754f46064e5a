import SluiceNative
import SluiceVault
import Synchronization

@testable import SluiceAccess

/// A key service at the far end of a network: each call takes time, may fail or find nobody, and access is taken
/// away from its users by the end of a lease.
final class RemoteKeyService: KeyService {
    /// What answers at the far end.
    let service: VaultDirectory
    let lease: ReadLease
    /// How long each call takes.
    private let latencySeconds: Double
    /// What every call throws now, if anything: of the network's, before the service is asked.
    let outage = Mutex<VaultError.Code?>(nil)
    let callCount = Atomic<Int>(0)
    /// Is told that a key is about to be used: all but questions of who may.
    let onKeyUse = Mutex<(@Sendable () -> Void)?>(nil)

    init(_ service: VaultDirectory, leaseSeconds: Double, latencySeconds: Double = 0.002) {
        self.service = service
        self.latencySeconds = latencySeconds
        lease = ReadLease(seconds: leaseSeconds)
    }

    private func use<Value: ~Copyable>(
        _ body: () throws(VaultError) -> Value
    ) throws(VaultError) -> Value {
        onKeyUse.withLock({ $0 })?()
        return try call(body)
    }

    private func call<Value: ~Copyable>(
        _ body: () throws(VaultError) -> Value
    ) throws(VaultError) -> Value {
        callCount.add(1, ordering: .relaxed)
        NativeThread.sleep(nanoseconds: Int(latencySeconds * 1e9))
        if let code = outage.withLock({ $0 }) {
            throw VaultError(code, "the service can't be reached")
        }
        return try body()
    }

    func describe(
        _ key: KeyIdentifier, as identity: Identity, deadline: Deadline
    ) throws(VaultError) -> KeyDescription {
        try call { () throws(VaultError) in
            try service.describe(key, as: identity, deadline: deadline)
        }
    }

    func authorize(
        _ key: KeyIdentifier, for operation: KeyOperation, as identity: Identity,
        deadline: Deadline
    ) throws(VaultError) -> Grant {
        // Before it is asked: the answer is as old as this at most.
        let epoch = lease.epoch
        return try call { () throws(VaultError) in
            let grant = try service.authorize(key, for: operation, as: identity, deadline: deadline)
            return Grant(key: grant.key, identity: identity, operation: operation, epoch: epoch)
        }
    }

    func wrap(
        _ secret: Span<UInt8>, under key: KeyIdentifier, as identity: Identity, deadline: Deadline
    ) throws(VaultError) -> WrappedKey {
        try use { () throws(VaultError) in
            try service.wrap(secret, under: key, as: identity, deadline: deadline)
        }
    }

    func unwrap(
        _ wrapped: [UInt8], under key: KeyIdentifier, as identity: Identity, deadline: Deadline
    ) throws(VaultError) -> SecretBytes {
        try use { () throws(VaultError) in
            try service.unwrap(wrapped, under: key, as: identity, deadline: deadline)
        }
    }

    func anchor(
        store: [UInt8], scope: [UInt8], under key: KeyIdentifier
    ) throws(VaultError) -> [UInt8]? {
        try call { () throws(VaultError) in
            try service.anchor(store: store, scope: scope, under: key)
        }
    }

    func registerAnchor(
        _ commitment: [UInt8], store: [UInt8], scope: [UInt8], under key: KeyIdentifier,
        path: String?
    ) throws(VaultError) {
        try call { () throws(VaultError) in
            try service.registerAnchor(
                commitment, store: store, scope: scope, under: key, path: path)
        }
    }

    func replaceAnchor(
        _ old: [UInt8], with new: [UInt8], store: [UInt8], scope: [UInt8], vault: String,
        waiting deadline: Deadline?
    ) throws(VaultError) -> BarrierConfirmation? {
        try call { () throws(VaultError) in
            try service.replaceAnchor(
                old, with: new, store: store, scope: scope, vault: vault, waiting: deadline)
        }
    }

    func removeAnchor(
        store: [UInt8], scope: [UInt8], vault: String, waiting deadline: Deadline
    ) throws(VaultError) -> BarrierConfirmation {
        try call { () throws(VaultError) in
            try service.removeAnchor(
                store: store, scope: scope, vault: vault, waiting: deadline)
        }
    }

    var platformVault: String { service.platformVault }

    func platformKey() throws(VaultError) -> KeyIdentifier {
        try call { () throws(VaultError) in try service.platformKey() }
    }

    func checkSuitableForStore(
        _ key: KeyIdentifier, as identity: Identity, deadline: Deadline
    ) throws(VaultError) {
        try call { () throws(VaultError) in
            try service.checkSuitableForStore(key, as: identity, deadline: deadline)
        }
    }

    func registeredStores(vault: String) throws(VaultError) -> [RegisteredStore] {
        try call { () throws(VaultError) in try service.registeredStores(vault: vault) }
    }

    func notePlace(
        _ path: String, ofStore store: [UInt8], vault: String
    ) throws(VaultError) {
        try call { () throws(VaultError) in
            try service.notePlace(path, ofStore: store, vault: vault)
        }
    }

    func forgetPlace(
        _ path: String, ofStore store: [UInt8], vault: String, as identity: Identity
    ) throws(VaultError) {
        try call { () throws(VaultError) in
            try service.forgetPlace(path, ofStore: store, vault: vault, as: identity)
        }
    }

    func retire<Need: Error>(
        _ key: KeyIdentifier, waiting deadline: Deadline, as identity: Identity,
        unless need: () throws(Need) -> Void
    ) throws(RetirementError<Need>) -> AccessChange<KeyDescription> {
        try service.retire(key, waiting: deadline, as: identity, unless: need)
    }

    func gate() throws(VaultError) -> ReleaseGate { .lease(lease) }

    func presentGate() throws(VaultError) -> ReleaseGate? { .lease(lease) }

    func dropRevokedKeys() {}

    var path: String? { nil }

    func close() {
        lease.close()
        service.close()
    }
}
