internal import SluiceAccess
internal import SluiceNative

/// A vault vouches for the anchors that it holds with an HMAC, so that one that was put into its database
/// by someone without the root key is found out.
extension RootKey {
    func authenticateAnchor(
        vault: String, store: [UInt8], scope: [UInt8], commitment: [UInt8]
    ) throws(VaultError) -> [UInt8] {
        let key = try derive(.anchors, salt: [], context: Array(vault.utf8))
        let message = FieldEncoding(store, scope, commitment).bytes
        do throws(CryptoError) {
            let digest = try key.withBytes { key throws(CryptoError) in
                var code = try HMACSHA256(key: key, library: library)
                return try code.authenticate(message.span)
            }
            return digest.indices.map { digest[$0] }
        } catch {
            throw VaultError(error, while: "authenticating an anchor")
        }
    }
}
