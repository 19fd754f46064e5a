public import SluiceAccess

/// The code of the error that `body` throws; nil if it throws none.
public func refusal<Result: ~Copyable>(
    _ body: () throws(VaultError) -> Result
) -> VaultError.Code? {
    do {
        _ = try body()
        return nil
    } catch {
        return error.code
    }
}
