internal import SluiceNative

/// What fails inside a transaction: the database, or the store's own work.
enum CatalogFailure: DatabaseErrorWrapping {
    case failed(DatabaseError)
    case store(StoreError)

    static func database(_ error: DatabaseError) -> CatalogFailure { .failed(error) }

    func storeError(_ what: String) -> StoreError {
        switch self {
        case .failed(let error): StoreError(catalog: error, what)
        case .store(let error): error
        }
    }
}
