internal import SluiceREST

/// The head of an answer, as it is sent.
struct AnswerHead {
    var status: Int
    var headers: HeaderFields
    /// How many bytes follow; nil for chunks.
    var byteCount: Int?
    var keepsAlive: Bool

    /// Whether an answer of this status has no body and says no length.
    static func isWithoutBody(_ status: Int) -> Bool {
        status < 200 || status == 204 || status == 304
    }

    var encoded: [UInt8] {
        var text = "HTTP/1.1 \(status) \(Self.reason(status))\r\n"
        for field in headers.fields {
            text +=
                "\(field.name): \(field.value.filter { $0 != "\r" && $0 != "\n" && $0 != "\r\n" })\r\n"
        }
        if !Self.isWithoutBody(status) {
            text +=
                byteCount.map { "Content-Length: \($0)\r\n" } ?? "Transfer-Encoding: chunked\r\n"
        }
        if !keepsAlive { text += "Connection: close\r\n" }
        return Array("\(text)\r\n".utf8)
    }

    private static func reason(_ status: Int) -> String {
        switch status {
        case 100: "Continue"
        case 200: "OK"
        case 201: "Created"
        case 202: "Accepted"
        case 204: "No Content"
        case 206: "Partial Content"
        case 304: "Not Modified"
        case 400: "Bad Request"
        case 401: "Unauthorized"
        case 403: "Forbidden"
        case 404: "Not Found"
        case 405: "Method Not Allowed"
        case 408: "Request Timeout"
        case 409: "Conflict"
        case 412: "Precondition Failed"
        case 413: "Content Too Large"
        case 414: "URI Too Long"
        case 416: "Range Not Satisfiable"
        case 417: "Expectation Failed"
        case 421: "Misdirected Request"
        case 431: "Request Header Fields Too Large"
        case 500: "Internal Server Error"
        case 501: "Not Implemented"
        case 503: "Service Unavailable"
        case 505: "HTTP Version Not Supported"
        default: "Status"
        }
    }
}
