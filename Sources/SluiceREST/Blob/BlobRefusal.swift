/// A refusal by the Blob service.
public struct BlobRefusal: Error, Hashable, Sendable {
    /// A further element of the answer's document.
    public struct Field: Hashable, Sendable {
        /// The element's name.
        public var name: String
        /// Its text.
        public var value: String
    }

    /// Why, in the service's terms.
    public var code: BlobErrorCode
    /// What of the request it is about, and what to do; empty where the code's sentence says it all.
    public var reason: String
    /// Which header, parameter or element it is about, as clients look for it.
    public var fields: [Field]

    /// A refusal.
    public init(_ code: BlobErrorCode, _ reason: String = "", fields: [Field] = []) {
        self.code = code
        self.reason = reason
        self.fields = fields
    }

    /// HTTP's status; a condition that isn't met is 304 for who reads.
    public func status(_ method: String = "PUT") -> Int {
        code == .conditionNotMet && isNotModified && (method == "GET" || method == "HEAD")
            ? 304 : code.status
    }

    /// Whether the condition asked for another state than the one that the client has: nothing is new.
    public var isNotModified: Bool { fields.contains(Self.notModified) }

    static let notModified = Field(name: "Condition", value: "NotModified")

    /// What a client is told: the code's sentence, and the reason.
    public var message: String {
        reason.isEmpty ? code.sentence : "\(code.sentence) \(reason)"
    }

    /// The document of an answer; HEAD, and status 304, have none.
    public func document(requestID: String, at time: BlobTime) -> [UInt8] {
        var writer = XMLWriter()
        writer.open("Error")
        writer.element("Code", code.name)
        writer.element("Message", "\(message)\nRequestId:\(requestID)\nTime:\(time.exact)")
        for field in fields { writer.element(field.name, field.value) }
        writer.close("Error")
        return writer.bytes
    }
}

// MARK: Common ones

extension BlobRefusal {
    /// Something the service has and this one doesn't emulate.
    static func notEmulated(_ feature: String) -> Self {
        Self(
            .notImplemented, "\(feature) isn't emulated here.",
            fields: [Field(name: "Feature", value: feature)])
    }

    static func header(_ name: String, _ value: String, _ reason: String = "") -> Self {
        Self(
            .invalidHeaderValue, reason,
            fields: [
                Field(name: "HeaderName", value: name), Field(name: "HeaderValue", value: value),
            ])
    }

    static func missingHeader(_ name: String) -> Self {
        Self(.missingRequiredHeader, fields: [Field(name: "HeaderName", value: name)])
    }

    static func query(
        _ name: String, _ value: String, _ reason: String = "",
        _ code: BlobErrorCode = .invalidQueryParameterValue
    ) -> Self {
        Self(
            code, reason,
            fields: [
                Field(name: "QueryParameterName", value: name),
                Field(name: "QueryParameterValue", value: value),
                Field(name: "Reason", value: reason),
            ])
    }

    static func missingQuery(_ name: String) -> Self {
        Self(
            .missingRequiredQueryParameter,
            fields: [Field(name: "QueryParameterName", value: name)])
    }

    /// Why a request couldn't be authenticated.
    public static func authentication(_ detail: String) -> Self {
        Self(
            .authenticationFailed,
            fields: [Field(name: "AuthenticationErrorDetail", value: detail)])
    }

    static func node(_ name: String, _ code: BlobErrorCode = .invalidXmlNodeValue) -> Self {
        Self(code, fields: [Field(name: "XmlNodeName", value: name)])
    }
}
