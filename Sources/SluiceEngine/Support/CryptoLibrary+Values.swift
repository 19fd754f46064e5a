internal import SluiceFormat
internal import SluiceNative

extension CryptoLibrary {
    /// A fresh store, scope or object id.
    func identifier() throws(StoreError) -> [UInt8] {
        try values(Format.identifierByteCount)
    }

    /// A fresh revision value of a row.
    func revision() throws(StoreError) -> [UInt8] {
        try values(Format.revisionByteCount)
    }

    /// A fresh data key or scope key.
    func freshKey() throws(StoreError) -> SecretBytes {
        try translated("drawing random bytes") { () throws(CryptoError) in
            try randomSecret(byteCount: Format.keyByteCount)
        }
    }

    /// So many random bytes, not secret.
    func values(_ byteCount: Int) throws(StoreError) -> [UInt8] {
        try translated("drawing random bytes") { () throws(CryptoError) in
            try randomBytes(byteCount: byteCount)
        }
    }
}
