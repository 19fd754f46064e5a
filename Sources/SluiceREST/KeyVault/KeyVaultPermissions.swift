public import SluiceAccess

extension KeyOperation {
    /// Reads the permissions for keys that a vault's access policy names: in any case, `all` for every one. `release`, for
    /// which there is no use here, is left out.
    ///
    /// - Throws: `BadRequest` for one that there isn't.
    public static func permissions(_ names: [String]) throws(KeyVaultError) -> [KeyOperation] {
        var permitted: Set<KeyOperation> = []
        for name in names {
            switch name.lowercased() {
            case "all": permitted.formUnion(allCases)
            case "release": break
            default:
                guard let operation = KeyOperation(parsing: name) else {
                    throw KeyVaultError(
                        status: 400, code: "BadRequest",
                        "'\(name.prefix(80))' is not a permission for keys; those are all, "
                            + allCases.map(\.rawValue).joined(separator: ", "))
                }
                permitted.insert(operation)
            }
        }
        return allCases.filter(permitted.contains)
    }
}
