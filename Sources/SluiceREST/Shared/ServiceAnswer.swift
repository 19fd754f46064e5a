/// A whole answer: status, fields and body.
public struct ServiceAnswer: Sendable {
    /// HTTP's status.
    public var status: Int
    /// The fields; the length is added by whoever sends it.
    public var headers: HeaderFields
    /// The body.
    public var body: [UInt8]

    /// All of it.
    public init(status: Int, headers: HeaderFields = [:], body: [UInt8] = []) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    /// An answer of JSON.
    public init(_ json: JSON, status: Int = 200, headers: HeaderFields = [:]) {
        self.init(status: status, headers: headers, body: json.encoded)
        self.headers["Content-Type"] = "application/json; charset=utf-8"
    }
}

/// A refusal in the service's own words, as the resource interface, Key Vault and the model services send it.
public struct ServiceError: Error, Hashable, Sendable {
    /// HTTP's status.
    public var status: Int
    /// The service's code.
    public var code: String
    /// What happened, to what, and what to do next.
    public var message: String
    /// Of a narrower error within: its code.
    public var innerCode: String?
    /// Fields of the answer, such as a challenge.
    public var headers: HeaderFields

    /// All of it.
    public init(
        _ status: Int, _ code: String, _ message: String, innerCode: String? = nil,
        headers: HeaderFields = [:]
    ) {
        self.status = status
        self.code = code
        self.message = message
        self.innerCode = innerCode
        self.headers = headers
    }

    /// `{"error":{"code":…,"message":…}}`.
    public var answer: ServiceAnswer {
        var error: JSON = ["code": .string(code), "message": .string(message)]
        if let innerCode { error["innererror"] = ["code": .string(innerCode)] }
        var headers = headers
        headers["x-ms-error-code"] = code
        return ServiceAnswer(["error": error], status: status, headers: headers)
    }
}
