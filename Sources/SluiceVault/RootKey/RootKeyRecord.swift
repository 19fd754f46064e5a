package import SluiceAccess

/// What the file `root.check` says: how the root key is come by, and how to tell the right one.
///
///     offset  size  meaning
///          0     8  "SLUICERK"
///          8     1  version of this layout: 1
///          9     1  kind: 1 a key file, 2 a passphrase
///         10     1  scrypt: the binary logarithm of N; 0 for a key file
///         11     1  scrypt: r; 0 for a key file
///         12     1  scrypt: p; 0 for a key file
///         13     3  zero
///         16    32  salt, random
///         48    32  check value: derived from the root key, the salt and bytes 0 to 15
///
/// It exists before the first vault does, and never changes.
package struct RootKeyRecord: Equatable {
    static let byteCount = 80
    static let saltByteCount = 32

    enum Kind: Equatable {
        case keyFile
        case passphrase(logN: UInt8)
    }

    /// scrypt's block size, fixed: OWASP's recommendation with N = 2^17.
    static let scryptR: UInt8 = 8
    /// scrypt's parallelism, fixed.
    static let scryptP: UInt8 = 1
    /// The cost for a new passphrase.
    static let newLogN: UInt8 = 17
    /// The greatest cost that is taken: 512 MiB of memory.
    private static let largestLogN: UInt8 = 19

    let kind: Kind
    let salt: [UInt8]
    let check: [UInt8]

    /// What a record says about how to come by the key, which its check value authenticates.
    static func head(_ kind: Kind) -> [UInt8] {
        let parameters: [UInt8] =
            switch kind {
            case .keyFile: [1, 0, 0, 0]
            case .passphrase(let logN): [2, logN, scryptR, scryptP]
            }
        return magic + [version] + parameters + [0, 0, 0]
    }

    package var encoded: [UInt8] { Self.head(kind) + salt + check }

    init(kind: Kind, salt: [UInt8], check: [UInt8]) {
        self.kind = kind
        self.salt = salt
        self.check = check
    }

    package init(decoding bytes: [UInt8], path: String) throws(VaultError) {
        let damaged = VaultError(
            .damaged, "'\(path)' is damaged", about: .file(path), remedies: [.restoreVaults])
        guard bytes.count >= Self.magic.count + 1, bytes.starts(with: Self.magic) else {
            throw damaged
        }
        guard bytes[8] <= Self.version else {
            throw VaultError(
                .newerVersion, "'\(path)' was made by a newer version of Sluice",
                about: .file(path),
                remedies: [.updateSluice])
        }
        guard bytes.count == Self.byteCount else { throw damaged }
        // A cost that nobody would choose would only exhaust the memory.
        let kind: Kind = bytes[9] == 1 ? .keyFile : .passphrase(logN: bytes[10])
        if case .passphrase(let logN) = kind, !(14...Self.largestLogN).contains(logN) {
            throw VaultError(
                .damaged,
                "'\(path)' is damaged: it asks for scrypt with N = 2^\(logN), which Sluice never chooses",
                about: .file(path), remedies: [.restoreVaults])
        }
        guard Self.head(kind) == Array(bytes[0..<16]) else { throw damaged }
        self.init(kind: kind, salt: Array(bytes[16..<48]), check: Array(bytes[48..<80]))
    }

    private static let magic = Array("SLUICERK".utf8)
    private static let version: UInt8 = 1
}
