package import SluiceNative

/// An error of a layer below that becomes a vault's.
package protocol VaultErrorCause: Error {
    /// The vault's error about what was being done, as in "opening the vault".
    func vaultError(while doing: String) -> VaultError
}

/// Runs a step of a layer below; what it throws becomes a vault's error about what was being done.
package func translated<Value: ~Copyable, Cause: VaultErrorCause>(
    while doing: @autoclosure () -> String, _ body: () throws(Cause) -> Value
) throws(VaultError) -> Value {
    do throws(Cause) {
        return try body()
    } catch {
        throw error.vaultError(while: doing())
    }
}

extension SystemError: VaultErrorCause {
    package func vaultError(while doing: String) -> VaultError { VaultError(self, while: doing) }
}

extension CryptoError: VaultErrorCause {
    package func vaultError(while doing: String) -> VaultError { VaultError(self, while: doing) }
}
