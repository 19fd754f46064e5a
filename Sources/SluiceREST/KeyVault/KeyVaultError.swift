/// A refusal or failure as Azure's services tell it: a status, a code that programs go by, and for some a code within.
///
///     {"error":{"code":"Forbidden","message":"…","innererror":{"code":"KeyDisabled"}}}
public struct KeyVaultError: Error, Hashable, Sendable {
    /// The HTTP status.
    public let status: Int
    /// As `KeyNotFound`.
    public let code: String
    /// What happened, and what to do next.
    public let message: String
    /// As `KeyDisabled`; nil for none.
    public let innerCode: String?

    init(status: Int, code: String, inner innerCode: String? = nil, _ message: String) {
        self.status = status
        self.code = code
        self.innerCode = innerCode
        self.message = message
    }

    /// What the request says is not what it may say.
    static func badParameter(_ message: String) -> KeyVaultError {
        KeyVaultError(status: 400, code: "BadParameter", message)
    }

    /// The answer that tells of it.
    public var answer: KeyVaultAnswer {
        let document = Document(
            error: Document.Body(
                code: code, message: message, innererror: innerCode.map(Document.Inner.init)))
        let answer = try? KeyVaultAnswer.json(document, at: "", status: status)
        return answer ?? KeyVaultAnswer(status: status)
    }

    private struct Document: Encodable {
        let error: Body

        struct Body: Encodable {
            let code: String
            let message: String
            let innererror: Inner?
        }

        struct Inner: Encodable {
            let code: String
        }
    }
}
