internal import SluiceFormat
internal import SluiceNative

extension ScopeRecord {
    /// The authentication code that the row of a scope with these keys bears.
    func code(
        storeID: [UInt8], keys: ScopeKeys, library: CryptoLibrary
    ) throws(StoreError) -> [UInt8] {
        let message = binding(storeID: storeID).encoded()
        return try translated("authenticating the scope's row") { () throws(CryptoError) in
            try keys.recordKey.withBytes { key throws(CryptoError) in
                var context = try HMACSHA256(key: key, library: library)
                let code = try context.authenticate(message.span)
                return [UInt8](copying: code.span)
            }
        }
    }
}
