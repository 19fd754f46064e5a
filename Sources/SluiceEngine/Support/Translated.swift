internal import SluiceNative

/// Runs a cryptographic step; what it throws becomes the store's error about `what`.
func translated<Value: ~Copyable>(
    _ what: @autoclosure () -> String = "sealing a chunk",
    _ body: () throws(CryptoError) -> Value
) throws(StoreError) -> Value {
    do throws(CryptoError) {
        return try body()
    } catch {
        throw StoreError(crypto: error, what())
    }
}
