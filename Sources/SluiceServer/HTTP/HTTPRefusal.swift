/// Why a request is refused before any plane is asked: an answer, and the connection ends behind it.
package struct HTTPRefusal: Error, Hashable {
    /// HTTP's status.
    package let status: Int
    /// What is wrong, and what would be right.
    package let reason: String

    init(_ status: Int, _ reason: String) {
        self.status = status
        self.reason = reason
    }
}
