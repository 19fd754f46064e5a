/// As whom a request comes.
public enum BlobCredential: Sendable {
    /// As nobody: what a container shows to everybody.
    case anonymous
    /// Under a key of the account.
    case sharedKey(SharedKey)
    /// With a shared access signature, and possibly a token of the user that it was made for.
    case signature(SharedAccessSignature, token: String?)
    /// With a token of the directory.
    case token(String)

    /// Reads the header and the query; nothing is verified.
    ///
    /// Throws `InvalidAuthenticationInfo` for a header of another form, and `AuthenticationFailed` for a shared access
    /// signature of another form, or beside an account's key.
    public init(_ request: ServiceRequest, _ parameters: BlobQuery) throws(BlobRefusal) {
        let header = request.headers.all("Authorization")
        let isSigned = parameters["sig"] != nil
        guard let value = header.first else {
            self =
                isSigned
                ? .signature(try SharedAccessSignature(parameters), token: nil) : .anonymous
            return
        }
        let space = value.firstIndex(of: " ") ?? value.endIndex
        let credentials = value[space...].drop { $0 == " " }
        guard header.count == 1, !credentials.isEmpty else {
            throw BlobRefusal(
                .invalidAuthenticationInfo, "It takes one Authorization header, with credentials.")
        }
        let scheme = value[..<space].lowercased()
        switch scheme {
        case "bearer":
            self =
                isSigned
                ? .signature(try SharedAccessSignature(parameters), token: String(credentials))
                : .token(String(credentials))
        case "sharedkey", "sharedkeylite":
            guard !isSigned else {
                throw .authentication(
                    "An Authorization header and a signature in the query exclude each other.")
            }
            self = .sharedKey(
                try SharedKey(credentials, isLite: scheme == "sharedkeylite"))
        default:
            throw BlobRefusal(
                .invalidAuthenticationInfo,
                "Its scheme is none of SharedKey, SharedKeyLite and Bearer.")
        }
    }

    /// The challenge that goes with `NoAuthenticationInformation`.
    public static func challenge(login: String, tenant: String) -> String {
        "Bearer authorization_uri=\(login)/\(tenant)/oauth2/authorize resource_id=https://storage.azure.com"
    }
}
