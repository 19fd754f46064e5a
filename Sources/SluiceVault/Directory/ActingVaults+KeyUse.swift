public import SluiceAccess
public import SluiceNative

// MARK: - Using keys

// Each result is handed out while what it is under holds, as a read of a store is: when that is taken away, it either was
// handed out before that returns, or never is. Each method has an asynchronous overload, as all of these vaults'.

extension ActingVaults {
    /// Encrypts at most as many bytes as the key's size and the algorithm allow.
    ///
    /// Needs the permission `encrypt`, and that the version is enabled and may be used for that, inside its nbf…exp.
    ///
    /// - Throws: `keyDisabled`, `operationNotPermitted`, `keyNotYetValid`, `keyExpired`; `invalidArgument` if the key is of another kind, or there are too many bytes.
    @available(*, noasync)
    public func encrypt(
        _ plaintext: [UInt8], with key: KeyIdentifier, _ algorithm: EncryptionAlgorithm,
        deadline: Deadline = .none
    ) throws(VaultError) -> KeyUseResult<[UInt8]> {
        try directory.operations.encrypt(
            plaintext.span, with: key, algorithm, for: .encrypt, as: principal, deadline: deadline)
    }

    /// Decrypts what was encrypted with a key version. The caller wipes what comes of it.
    ///
    /// Needs the permission `decrypt`, and that the version is enabled and may be used for that.
    ///
    /// - Throws: `keyDisabled`, `operationNotPermitted`; `invalidArgument` if the key is of another kind; `unwrapFailed`.
    @available(*, noasync)
    public func decrypt(
        _ ciphertext: [UInt8], with key: KeyIdentifier, _ algorithm: EncryptionAlgorithm,
        deadline: Deadline = .none
    ) throws(VaultError) -> KeyUseResult<[UInt8]> {
        try directory.operations.decrypt(
            ciphertext.span, with: key, algorithm, for: .decrypt, as: principal, deadline: deadline)
    }

    /// Wraps another key of at most as many bytes as the key's size and the algorithm allow.
    ///
    /// Needs the permission `wrapKey`, and that the version is enabled and may be used for that, inside its nbf…exp.
    ///
    /// - Throws: `keyDisabled`, `operationNotPermitted`, `keyNotYetValid`, `keyExpired`; `invalidArgument` if the key is of another kind, or there are too many bytes.
    @available(*, noasync)
    public func wrapKey(
        _ secret: [UInt8], with key: KeyIdentifier, _ algorithm: EncryptionAlgorithm,
        deadline: Deadline = .none
    ) throws(VaultError) -> KeyUseResult<[UInt8]> {
        try directory.operations.encrypt(
            secret.span, with: key, algorithm, for: .wrapKey, as: principal, deadline: deadline)
    }

    /// Unwraps what was wrapped under a key version. The caller wipes what comes of it.
    ///
    /// Needs the permission `unwrapKey`, and that the version is enabled and may be used for that.
    ///
    /// - Throws: `keyDisabled`, `operationNotPermitted`; `invalidArgument` if the key is of another kind; `unwrapFailed`.
    @available(*, noasync)
    public func unwrapKey(
        _ wrapped: [UInt8], with key: KeyIdentifier, _ algorithm: EncryptionAlgorithm,
        deadline: Deadline = .none
    ) throws(VaultError) -> KeyUseResult<[UInt8]> {
        try directory.operations.decrypt(
            wrapped.span, with: key, algorithm, for: .unwrapKey, as: principal, deadline: deadline)
    }

    /// Signs a digest: an RSA signature as long as the modulus; of a curve r and s, each as long as its coordinates.
    ///
    /// Needs the permission `sign`, and that the version is enabled and may be used for that, inside its nbf…exp.
    ///
    /// - Throws: `keyDisabled`, `operationNotPermitted`, `keyNotYetValid`, `keyExpired`; `invalidArgument` if the algorithm is of another kind of key, or the digest has another length.
    @available(*, noasync)
    public func sign(
        _ digest: [UInt8], with key: KeyIdentifier, _ algorithm: SignatureAlgorithm,
        deadline: Deadline = .none
    ) throws(VaultError) -> KeyUseResult<[UInt8]> {
        try directory.operations.sign(
            digest.span, with: key, algorithm, as: principal, deadline: deadline)
    }

    /// Whether a signature is one of a digest.
    ///
    /// Needs the permission `verify`, and that the version is enabled and may be used for that.
    ///
    /// - Throws: `keyDisabled`, `operationNotPermitted`; `invalidArgument` if the algorithm is of another kind of key, or the digest has another length.
    @available(*, noasync)
    public func verify(
        _ signature: [UInt8], of digest: [UInt8], with key: KeyIdentifier,
        _ algorithm: SignatureAlgorithm, deadline: Deadline = .none
    ) throws(VaultError) -> KeyUseResult<Bool> {
        try directory.operations.verify(
            signature.span, of: digest.span, with: key, algorithm, as: principal,
            deadline: deadline)
    }

    /// Imports a private key of its numbers, as a key or, if the name exists, as a new version of it.
    ///
    /// It is checked as one in PEM is; the caller lets go of the numbers.
    ///
    /// - Throws: As ``importKey(vault:name:pem:tags:settings:)``.
    @available(*, noasync)
    public func importKey(
        vault: String, name: String, numbers: PrivateKeyNumbers, tags: [String: String] = [:],
        settings: KeySettings = KeySettings()
    ) throws(VaultError) -> KeyBundle {
        try directory.keys.import(
            vault: vault, name: name, numbers: numbers, tags: tags, settings: settings,
            as: principal)
    }
}

// MARK: - Asynchronous

extension ActingVaults {
    /// Encrypts at most as many bytes as the key's size and the algorithm allow. See the synchronous method.
    public func encrypt(
        _ plaintext: [UInt8], with key: KeyIdentifier, _ algorithm: EncryptionAlgorithm,
        deadline: Deadline = .none
    ) async throws(VaultError) -> KeyUseResult<[UInt8]> {
        try await directory.runner.run { () throws(VaultError) in
            try encrypt(plaintext, with: key, algorithm, deadline: deadline)
        }
    }

    /// Decrypts what was encrypted with a key version. The caller wipes what comes of it. See the synchronous method.
    public func decrypt(
        _ ciphertext: [UInt8], with key: KeyIdentifier, _ algorithm: EncryptionAlgorithm,
        deadline: Deadline = .none
    ) async throws(VaultError) -> KeyUseResult<[UInt8]> {
        try await directory.runner.run { () throws(VaultError) in
            try decrypt(ciphertext, with: key, algorithm, deadline: deadline)
        }
    }

    /// Wraps another key of at most as many bytes as the key's size and the algorithm allow. See the synchronous method.
    public func wrapKey(
        _ secret: [UInt8], with key: KeyIdentifier, _ algorithm: EncryptionAlgorithm,
        deadline: Deadline = .none
    ) async throws(VaultError) -> KeyUseResult<[UInt8]> {
        try await directory.runner.run { () throws(VaultError) in
            try wrapKey(secret, with: key, algorithm, deadline: deadline)
        }
    }

    /// Unwraps what was wrapped under a key version. The caller wipes what comes of it. See the synchronous method.
    public func unwrapKey(
        _ wrapped: [UInt8], with key: KeyIdentifier, _ algorithm: EncryptionAlgorithm,
        deadline: Deadline = .none
    ) async throws(VaultError) -> KeyUseResult<[UInt8]> {
        try await directory.runner.run { () throws(VaultError) in
            try unwrapKey(wrapped, with: key, algorithm, deadline: deadline)
        }
    }

    /// Signs a digest. See the synchronous method.
    public func sign(
        _ digest: [UInt8], with key: KeyIdentifier, _ algorithm: SignatureAlgorithm,
        deadline: Deadline = .none
    ) async throws(VaultError) -> KeyUseResult<[UInt8]> {
        try await directory.runner.run { () throws(VaultError) in
            try sign(digest, with: key, algorithm, deadline: deadline)
        }
    }

    /// Whether a signature is one of a digest. See the synchronous method.
    public func verify(
        _ signature: [UInt8], of digest: [UInt8], with key: KeyIdentifier,
        _ algorithm: SignatureAlgorithm, deadline: Deadline = .none
    ) async throws(VaultError) -> KeyUseResult<Bool> {
        try await directory.runner.run { () throws(VaultError) in
            try verify(signature, of: digest, with: key, algorithm, deadline: deadline)
        }
    }

    /// Imports a private key of its numbers, as a key or, if the name exists, as a new version of it. See the synchronous method.
    public func importKey(
        vault: String, name: String, numbers: PrivateKeyNumbers, tags: [String: String] = [:],
        settings: KeySettings = KeySettings()
    ) async throws(VaultError) -> KeyBundle {
        try await directory.runner.run { () throws(VaultError) in
            try importKey(
                vault: vault, name: name, numbers: numbers, tags: tags, settings: settings)
        }
    }
}
