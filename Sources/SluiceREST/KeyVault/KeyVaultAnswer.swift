internal import FoundationEssentials
public import SluiceAccess

/// What a server answers.
public struct KeyVaultAnswer: Sendable {
    /// The HTTP status.
    public let status: Int
    /// JSON, UTF-8; empty for none.
    public let body: [UInt8]
    /// What the body was handed out under, if that is to hold until it has left: see ``KeyUseResult/grant``.
    public let grant: Grant?

    /// What is sent.
    public var answer: ServiceAnswer {
        var headers: HeaderFields = [:]
        if !body.isEmpty { headers["Content-Type"] = "application/json; charset=utf-8" }
        return ServiceAnswer(status: status, headers: headers, body: body)
    }

    init(status: Int, body: [UInt8] = [], grant: Grant? = nil) {
        self.status = status
        self.body = body
        self.grant = grant
    }

    /// An answer of one value, in which identifiers begin with the address by which the client reaches the vault.
    static func json(
        _ value: some Encodable, at vaultURI: String, status: Int = 200, grant: Grant? = nil
    ) throws(KeyVaultError) -> KeyVaultAnswer {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        encoder.userInfo[.vaultURI] = vaultURI
        do {
            return KeyVaultAnswer(
                status: status, body: Array(try encoder.encode(value)), grant: grant)
        } catch {
            throw KeyVaultError(
                status: 500, code: "InternalServerError", "the answer can't be written")
        }
    }
}
