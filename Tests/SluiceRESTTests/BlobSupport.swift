import SluiceREST

extension BlobRefusal {
    /// The code of what an operation throws; nil if it doesn't.
    static func code<Value>(_ operation: () throws -> Value) -> BlobErrorCode? {
        do {
            _ = try operation()
            return nil
        } catch {
            return (error as? BlobRefusal)?.code
        }
    }
}

extension HeaderFields {
    /// Fields of lines, `name: value` each.
    init(lines: String) {
        self.init()
        for line in lines.split(separator: "\n") {
            let sides = line.split(separator: ":", maxSplits: 1)
            fields.append(
                Field(name: String(sides[0]), value: String(sides[1].drop { $0 == " " })))
        }
    }
}

extension ServiceRequest {
    /// A request to the account `acct1`, by its host.
    static func blob(
        _ method: String, _ target: String, _ headers: HeaderFields = [:], isSecure: Bool = true
    ) -> ServiceRequest {
        let parts = target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        return ServiceRequest(
            method: method, host: "acct1.blob.core.windows.net", isSecure: isSecure,
            path: String(parts[0]), query: parts.count > 1 ? String(parts[1]) : "", headers: headers
        )
    }

    /// What it asks for.
    func route() throws(BlobRefusal) -> BlobRoute {
        try BlobRoute(self, host: BlobAddress.Host(host))
    }
}

extension BlobTime {
    /// Noon of 3 November 2026, when the golden signatures hold.
    static let noon = BlobTime(seconds: 1_793_707_200)
}
