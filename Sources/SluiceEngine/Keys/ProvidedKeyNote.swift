internal import SluiceFormat

/// What an object's document says of the provided key that the object is sealed with (FORMAT section 7).
struct ProvidedKeyNote: Sendable {
    /// The key's SHA-256.
    let digest: [UInt8]
    /// The id of the encryption scope, which nothing else proves to who hasn't the key.
    let scopeID: [UInt8]

    init(digest: [UInt8], scopeID: [UInt8]) {
        self.digest = digest
        self.scopeID = scopeID
    }

    /// The note in a property's bytes, which were checked with the document.
    init(_ bytes: [UInt8]) {
        self.init(
            digest: Array(bytes.prefix(Format.commitmentByteCount)),
            scopeID: Array(bytes.dropFirst(Format.commitmentByteCount)))
    }

    /// For a document.
    var encoded: [UInt8] { digest + scopeID }
}
