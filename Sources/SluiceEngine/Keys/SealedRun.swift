internal import SluiceFormat
internal import SluiceNative

/// How a piece of a run is sealed, a chunk or the index: under a key that is used this once (FORMAT section 16).
extension Scope {
    /// A piece of the run of a directory with this tag, sealed.
    func sealRunPiece(
        _ plain: [UInt8], number: UInt64, salt: [UInt8], directory: [UInt8]
    ) throws(StoreError) -> [UInt8] {
        let binding = runBinding(directory, number)
        return try withSession("sealing a run") { session throws(CryptoError) in
            try session.seal(
                plain, under: KeyInfo.run(salt: salt, number: number), binding: binding)
        }
    }

    /// Such a piece, opened; ``StoreError/Code/integrity`` if it isn't what was sealed for its place.
    func openRunPiece(
        _ sealed: [UInt8], number: UInt64, salt: [UInt8], directory: [UInt8]
    ) throws(StoreError) -> [UInt8] {
        let binding = runBinding(directory, number)
        return try withSession("a run") { session throws(CryptoError) in
            try session.open(
                sealed, under: KeyInfo.run(salt: salt, number: number), binding: binding)
        }
    }

    private func runBinding(_ directory: [UInt8], _ number: UInt64) -> [UInt8] {
        RunBinding.encoded(
            storeID: storeID, scopeID: record.scopeID, directory: directory, number: number)
    }
}
