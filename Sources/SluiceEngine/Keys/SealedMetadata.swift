internal import SluiceFormat
internal import SluiceNative

/// An object's metadata as its row has it: a salt of its own, then what is sealed (FORMAT section 7). Its last bytes, the
/// seal's tag, are bound by the row: so it is sealed once, whatever else of the row is changed.
enum SealedMetadata {
    /// What the row binds of it.
    static func tag(_ sealed: [UInt8]) -> ArraySlice<UInt8> { sealed.suffix(Format.tagByteCount) }
}

extension Scope {
    /// Metadata sealed under a salt that nothing else has; nil of none.
    func sealMetadata(
        _ pairs: [String: String], library: CryptoLibrary
    ) throws(StoreError) -> [UInt8]? {
        guard !pairs.isEmpty else { return nil }
        let salt = try library.values(Format.metadataSaltByteCount)
        let plain = MetadataDocument(pairs).encoded()
        let binding = MetadataBinding.encoded(storeID: storeID, scopeID: record.scopeID)
        return try withSession("sealing the object's metadata") { session throws(CryptoError) in
            try salt
                + session.seal(plain, under: KeyInfo.metadata(salt: salt), binding: binding)
        }
    }

    /// The metadata that was sealed; `what` is what an error says has failed.
    func openMetadata(_ sealed: [UInt8], _ what: String) throws(StoreError) -> [String: String] {
        let salt = Array(sealed.prefix(Format.metadataSaltByteCount))
        let binding = MetadataBinding.encoded(storeID: storeID, scopeID: record.scopeID)
        var plain = try withSession(what) { session throws(CryptoError) in
            try session.open(
                Array(sealed.dropFirst(Format.metadataSaltByteCount)),
                under: KeyInfo.metadata(salt: salt), binding: binding)
        }
        defer {
            var span = plain.mutableSpan
            wipe(&span)
        }
        do throws(FormatError) {
            return try MetadataDocument(decoding: plain).pairs
        } catch {
            throw StoreError(format: error, what)
        }
    }
}
