public import SluiceAccess
public import SluiceNative

extension VaultDirectory: KeyService {
    /// See ``KeyService/describe(_:as:deadline:)``.
    public func describe(
        _ key: KeyIdentifier, as identity: Identity, deadline: Deadline
    ) throws(VaultError) -> KeyDescription {
        let standing = try use(key, for: .get, as: identity, deadline)
        record(.get, standing, nil)
        return standing.description
    }

    /// See ``KeyService/authorize(_:for:as:deadline:)``.
    ///
    /// Only a refusal is logged: nothing is done with the key yet.
    public func authorize(
        _ key: KeyIdentifier, for operation: KeyOperation, as identity: Identity,
        deadline: Deadline
    ) throws(VaultError) -> Grant {
        do throws(VaultError) {
            let standing = try standing(key, for: operation, as: identity, deadline)
            try standing.checkUse(operation)
            return Grant(
                key: standing.material.identifier, identity: identity, operation: operation,
                epoch: standing.epoch)
        } catch {
            record(operation.rawValue, on: key, in: key.vault, as: identity, error.code)
            throw error
        }
    }

    /// See ``KeyService/wrap(_:under:as:deadline:)``.
    public func wrap(
        _ secret: Span<UInt8>, under key: KeyIdentifier, as identity: Identity, deadline: Deadline
    ) throws(VaultError) -> WrappedKey {
        let standing = try use(key, for: .wrapKey, as: identity, deadline)
        do throws(VaultError) {
            let wrapped = try standing.material.wrap(secret)
            record(.wrapKey, standing, nil)
            return wrapped
        } catch {
            record(.wrapKey, standing, error.code)
            throw error
        }
    }

    /// See ``KeyService/unwrap(_:under:as:deadline:)``.
    public func unwrap(
        _ wrapped: [UInt8], under key: KeyIdentifier, as identity: Identity, deadline: Deadline
    ) throws(VaultError) -> SecretBytes {
        let standing = try use(key, for: .unwrapKey, as: identity, deadline)
        do throws(VaultError) {
            let secret = try standing.material.unwrap(wrapped)
            record(.unwrapKey, standing, nil)
            return secret
        } catch {
            record(.unwrapKey, standing, error.code)
            throw error
        }
    }

    /// See ``KeyService/gate()``: the read barrier.
    public func gate() throws(VaultError) -> ReleaseGate { .barrier(try barrier()) }

    /// See ``KeyService/presentGate()``.
    public func presentGate() throws(VaultError) -> ReleaseGate? {
        try presentBarrier().map { .barrier($0) }
    }

    // MARK: For the rest of this type

    /// The standing that an operation takes; a refusal is logged. A disabled version can be described.
    func use(
        _ key: KeyIdentifier, for operation: KeyOperation, as identity: Identity,
        _ deadline: Deadline
    ) throws(VaultError) -> Standing {
        do throws(VaultError) {
            let standing = try standing(key, for: operation, as: identity, deadline)
            if operation != .get { try standing.checkUse(operation) }
            return standing
        } catch {
            record(operation.rawValue, on: key, in: key.vault, as: identity, error.code)
            throw error
        }
    }
}
