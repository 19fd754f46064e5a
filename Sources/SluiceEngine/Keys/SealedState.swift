internal import SluiceFormat
internal import SluiceNative

/// How what holds an object is sealed (FORMAT section 8).
extension Scope {
    /// The row of the state of the object with this tag.
    func sealState(
        _ document: StateDocument, tag: [UInt8], library: CryptoLibrary
    ) throws(StoreError) -> StateRow {
        let revision = try library.revision()
        let binding = stateBinding(tag, revision)
        let sealed = try withSession("sealing an object's state") {
            session throws(CryptoError) in
            try session.seal(
                document.encoded(), under: KeyInfo.state(revision: revision), binding: binding)
        }
        return StateRow(tag: tag, revision: revision, document: sealed)
    }

    /// What a row says; ``StoreError/Code/integrity`` if it isn't what was sealed for its place.
    func openState(_ row: StateRow) throws(StoreError) -> StateDocument {
        let what = "the row of an object's state"
        let binding = stateBinding(row.tag, row.revision)
        let bytes = try withSession(what) { session throws(CryptoError) in
            try session.open(
                row.document, under: KeyInfo.state(revision: row.revision), binding: binding)
        }
        do throws(FormatError) {
            return try StateDocument(decoding: bytes)
        } catch {
            throw StoreError(format: error, what)
        }
    }

    private func stateBinding(_ tag: [UInt8], _ revision: [UInt8]) -> [UInt8] {
        StateBinding.encoded(
            storeID: storeID, scopeID: record.scopeID, tag: tag, revision: revision)
    }
}
