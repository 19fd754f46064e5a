internal import SluiceAccess
internal import SluiceNative

/// An error of a layer below that becomes the store's.
protocol StoreErrorCause: Error {
    /// The store's error about `what` was being done, or was being looked at.
    func storeError(_ what: String) -> StoreError
}

/// Runs a step of a layer below; what it throws becomes the store's error about `what`.
func translated<Value: ~Copyable, Cause: StoreErrorCause>(
    _ what: @autoclosure () -> String, _ body: () throws(Cause) -> Value
) throws(StoreError) -> Value {
    do throws(Cause) {
        return try body()
    } catch {
        throw error.storeError(what())
    }
}

extension SystemError: StoreErrorCause {
    func storeError(_ what: String) -> StoreError { StoreError(system: self, what) }
}

extension CryptoError: StoreErrorCause {
    func storeError(_ what: String) -> StoreError { StoreError(crypto: self, what) }
}

extension VaultError: StoreErrorCause {
    func storeError(_ what: String) -> StoreError { StoreError(vault: self, what) }
}
