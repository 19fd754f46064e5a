internal import SluiceAccess

/// A key that a request brings along, for bytes that are sealed under no other.
public struct CustomerKey: Hashable, Sendable {
    /// AES-256: 32 bytes. The caller takes them into a secret of its own, and lets go of this.
    public let key: [UInt8]
    /// SHA-256 of it, 32 bytes.
    public let sha256: [UInt8]

    /// Reads the three headers; nil without any.
    ///
    /// Throws `MissingRequiredHeader` where one is missing, `InvalidHeaderValue` for one of another form, a hash that isn't the
    /// key's, a connection that others can read, and a key beside an encryption scope.
    ///
    /// - Parameters:
    ///   - ofSource: Whether it is the key of a copy's source.
    ///   - hash: SHA-256.
    public static func read(
        _ request: ServiceRequest, ofSource: Bool = false, sha256 hash: ([UInt8]) -> [UInt8]
    ) throws(BlobRefusal) -> CustomerKey? {
        let prefix = ofSource ? "x-ms-source-encryption" : "x-ms-encryption"
        let names = ["\(prefix)-key", "\(prefix)-key-sha256", "\(prefix)-algorithm"]
        let values = names.map { request.headers[$0].flatMap { $0.isEmpty ? nil : $0 } }
        guard values.contains(where: { $0 != nil }) else { return nil }
        guard let keyText = values[0] else { throw .missingHeader(names[0]) }
        guard let hashText = values[1] else { throw .missingHeader(names[1]) }
        guard let algorithm = values[2] else { throw .missingHeader(names[2]) }
        guard algorithm == "AES256" else { throw .header(names[2], algorithm, "It is AES256.") }
        guard request.isSecure else {
            throw .header(names[0], "", "A key is taken by https alone.")
        }
        guard let key = Base64.decode(keyText), key.count == 32 else {
            throw .header(names[0], "", "It is 32 bytes in Base64.")
        }
        guard let sha256 = Base64.decode(hashText), sha256 == hash(key) else {
            throw .header(names[1], hashText, "It isn't the SHA-256 of the key, in Base64.")
        }
        guard ofSource || request.headers["x-ms-encryption-scope"] == nil else {
            throw .header(
                "x-ms-encryption-scope", "", "A key of the request's own excludes a scope.")
        }
        return CustomerKey(key: key, sha256: sha256)
    }

    /// The name of the encryption scope that a request asks for; nil for the container's.
    ///
    /// Throws `InvalidHeaderValue` for what is no name of one.
    public static func encryptionScope(_ headers: HeaderFields) throws(BlobRefusal) -> String? {
        let name = "x-ms-encryption-scope"
        guard let scope = headers[name], !scope.isEmpty else { return nil }
        try checkScope(scope, name)
        return scope
    }

    static func checkScope(_ scope: String, _ header: String) throws(BlobRefusal) {
        let isName = scope.utf8.allSatisfy {
            (0x30...0x39).contains($0) || (0x61...0x7A).contains($0.lowercasedASCII)
                || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "$")
        }
        guard isName, scope.utf8.count <= 63 else {
            throw .header(header, String(scope.prefix(80)))
        }
    }
}
