internal import SluiceAccess
internal import SluiceFormat
internal import SluiceNative

/// A data key that is sealed under an intermediate key (FORMAT section 4): a salt, the key, and the intermediate key as
/// the vault wrapped it, which every data key of the scope and version has beside it.
struct SealedDataKey {
    let salt: [UInt8]
    let sealed: [UInt8]
    /// The intermediate key.
    let wrapped: [UInt8]

    private static let sealedByteCount = Format.keyByteCount + Format.tagByteCount

    init(salt: [UInt8], sealed: [UInt8], wrapped: [UInt8]) {
        self.salt = salt
        self.sealed = sealed
        self.wrapped = wrapped
    }

    /// What stands in a row; nil if it is too short for that.
    init?(_ bytes: [UInt8]) {
        let head = Format.dataKeySaltByteCount + Self.sealedByteCount
        guard bytes.count > head else { return nil }
        salt = Array(bytes[..<Format.dataKeySaltByteCount])
        sealed = Array(bytes[Format.dataKeySaltByteCount..<head])
        wrapped = Array(bytes[head...])
    }

    /// The bytes for a row. They begin with what is random, so that a cache may take that for an id.
    var bytes: [UInt8] { salt + sealed + wrapped }
}

/// Seals data keys of a scope under an intermediate key of that scope, which a key version wraps, and opens them.
///
/// The key that seals derives from the scope's own keys, too: who plants an intermediate key that he knows gains nothing by
/// it, and none is taken up that this scope hasn't sealed with.
struct DataKeySeal {
    let scope: Scope
    let intermediate: DataKey

    func seal(
        _ dataKey: borrowing SecretBytes, library: CryptoLibrary
    ) throws(StoreError) -> SealedDataKey {
        let salt = try library.values(Format.dataKeySaltByteCount)
        let sealed = try dataKey.withBytes { dataKey throws(StoreError) in
            try withSession(salt) { session, message, binding throws(CryptoError) in
                try session.sealKey(dataKey, under: message, binding: binding)
            }
        }
        return SealedDataKey(salt: salt, sealed: sealed, wrapped: intermediate.wrapped.bytes)
    }

    /// The data key; ``StoreError/Code/integrity`` if it wasn't sealed so.
    func open(_ key: SealedDataKey, of wrapped: WrappedKey) throws(StoreError) -> DataKey {
        try withSession(key.salt) { session, message, binding throws(CryptoError) in
            let secret = try session.openKey(key.sealed, under: message, binding: binding)
            return DataKey(secret, wrapped: wrapped)
        }
    }

    /// Lends a thread's contexts with the message of the key that seals, which is wiped afterwards.
    private func withSession<Value: Sendable>(
        _ salt: [UInt8],
        _ body: (inout ScopeSession, _ message: [UInt8], _ binding: [UInt8]) throws(CryptoError) ->
            Value
    ) throws(StoreError) -> Value {
        let binding = DataKeyBinding.encoded(
            storeID: scope.storeID, scopeID: scope.record.scopeID,
            keyIdentifier: intermediate.wrapped.key.description)
        var message = intermediate.secret.withBytes { secret in
            KeyInfo.dataKey(salt: salt) + [UInt8](copying: secret)
        }
        defer {
            var span = message.mutableSpan
            wipe(&span)
        }
        return try scope.withSession("a data key") { session throws(CryptoError) in
            try body(&session, message, binding)
        }
    }
}
