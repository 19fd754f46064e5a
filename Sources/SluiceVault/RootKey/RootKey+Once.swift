internal import SluiceAccess
internal import SluiceNative

/// Sealing with AES-256-GCM under a key that seals once: derived from the root key and a salt that was never used
/// before. So the nonce can be constant, and no two processes can ever repeat one.
extension RootKey {
    /// How long a salt is that is never drawn twice.
    static let saltByteCount = 32

    /// A salt that was never used before.
    func newSalt(while doing: String) throws(VaultError) -> [UInt8] {
        do { return try library.randomBytes(byteCount: Self.saltByteCount) } catch {
            throw VaultError(error, while: doing)
        }
    }

    /// The bytes, sealed for a purpose, with their tag behind them.
    ///
    /// - Parameters:
    ///   - salt: One that was never used before.
    ///   - binding: What must be the same when they are opened.
    func seal(
        _ bytes: Span<UInt8>, for purpose: Purpose, salt: [UInt8], authenticating binding: [UInt8],
        while doing: String
    ) throws(VaultError) -> [UInt8] {
        let sealingKey = try derive(purpose, salt: salt)
        do throws(CryptoError) {
            var sealed = [UInt8](repeating: 0, count: bytes.count + AES256GCM.tagByteCount)
            var output = sealed.mutableSpan
            var cipher = try AES256GCM(library)
            try sealingKey.withBytes { key throws(CryptoError) in try cipher.setKey(key) }
            try cipher.seal(
                bytes, nonce: Self.onlyNonce, authenticating: binding.span, into: &output)
            return sealed
        } catch {
            throw VaultError(error, while: doing)
        }
    }

    /// What was sealed so; nil if it wasn't, or not under this root key.
    func open(
        _ sealed: [UInt8], for purpose: Purpose, salt: [UInt8], authenticating binding: [UInt8],
        while doing: String
    ) throws(VaultError) -> SecretBytes? {
        let byteCount = sealed.count - AES256GCM.tagByteCount
        guard byteCount > 0 else { return nil }
        let sealingKey = try derive(purpose, salt: salt)
        do throws(CryptoError) {
            var opened = SecretBytes(byteCount: byteCount)
            var cipher = try AES256GCM(library)
            try sealingKey.withBytes { key throws(CryptoError) in try cipher.setKey(key) }
            try opened.withMutableBytes { opened throws(CryptoError) in
                try cipher.open(
                    sealed.span, nonce: Self.onlyNonce, authenticating: binding.span, into: &opened)
            }
            return opened
        } catch {
            guard error != .authenticationFailed else { return nil }
            throw VaultError(error, while: doing)
        }
    }

    /// The same of what is no secret by itself.
    func openBytes(
        _ sealed: [UInt8], for purpose: Purpose, salt: [UInt8], authenticating binding: [UInt8],
        while doing: String
    ) throws(VaultError) -> [UInt8]? {
        let byteCount = sealed.count - AES256GCM.tagByteCount
        guard byteCount > 0 else { return nil }
        let sealingKey = try derive(purpose, salt: salt)
        do throws(CryptoError) {
            var opened = [UInt8](repeating: 0, count: byteCount)
            var output = opened.mutableSpan
            var cipher = try AES256GCM(library)
            try sealingKey.withBytes { key throws(CryptoError) in try cipher.setKey(key) }
            try cipher.open(
                sealed.span, nonce: Self.onlyNonce, authenticating: binding.span, into: &output)
            return opened
        } catch {
            guard error != .authenticationFailed else { return nil }
            throw VaultError(error, while: doing)
        }
    }

    /// Constant, since every sealing key is used once.
    private static let onlyNonce = Nonce96(repeating: 0)
}
