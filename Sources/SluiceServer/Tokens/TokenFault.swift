/// Why a token isn't good.
enum TokenFault: Error {
    /// There is none.
    case missing
    /// It is no token.
    case form
    /// No key of this home's has signed it.
    case signature
    /// It is for another resource.
    case audience(String, expected: String)
    /// It isn't good yet, or no more.
    case time
    /// Its principal is gone.
    case principal

    /// For whoever showed it.
    var reason: String {
        switch self {
        case .missing: "Authentication failed. The 'Authorization' header is missing."
        case .form: "The access token is invalid: it is no signed token of Entra's."
        case .signature:
            "The access token is invalid: no key of this home's has signed it. Get one from this home's Entra."
        case .audience(let found, let expected):
            "The access token has been obtained for the audience '\(found.prefix(200))': get one for '\(expected)'."
        case .time: "The access token has expired, or isn't good yet: get another."
        case .principal: "The access token's principal is gone: sign in as another."
        }
    }
}
