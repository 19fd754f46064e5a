internal import SluiceFormat
internal import SluiceNative

/// How the pieces of one run are sealed, its chunks and its index: each under a key that is used this once (FORMAT section
/// 16).
struct RunSeal: Sendable {
    let scope: Scope
    /// The tag of the directory that the run is of.
    let directory: [UInt8]
    /// Random, of this run alone.
    let salt: [UInt8]

    /// The piece of this number, sealed.
    func seal(_ plain: [UInt8], number: UInt64) throws(StoreError) -> [UInt8] {
        let (message, binding) = (KeyInfo.run(salt: salt, number: number), binding(number))
        return try scope.withSession("sealing a run") { session throws(CryptoError) in
            try session.seal(plain, under: message, binding: binding)
        }
    }

    /// The piece of this number, opened; ``StoreError/Code/integrity`` if it isn't what was sealed for its place.
    func open(_ sealed: [UInt8], number: UInt64) throws(StoreError) -> [UInt8] {
        let (message, binding) = (KeyInfo.run(salt: salt, number: number), binding(number))
        return try scope.withSession("a run") { session throws(CryptoError) in
            try session.open(sealed, under: message, binding: binding)
        }
    }

    private func binding(_ number: UInt64) -> [UInt8] {
        RunBinding.encoded(
            storeID: scope.storeID, scopeID: scope.record.scopeID, directory: directory,
            number: number)
    }
}
