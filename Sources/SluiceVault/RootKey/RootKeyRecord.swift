package import SluiceAccess
internal import SluiceNative

/// What the file `root.check` says: how the root key is come by, and how to tell the right one.
///
///     offset  size  meaning
///          0     8  "SLUICERK"
///          8     1  version of this layout: 1 for a key file, 2 for a passphrase
///          9     1  kind: 1 a key file, 2 a passphrase
///         10     1  scrypt: the binary logarithm of N; 0 for a key file
///         11     1  scrypt: r; 0 for a key file
///         12     1  scrypt: p; 0 for a key file
///         13     3  zero
///         16    32  salt, random
///         48    32  check value: derived from the root key, the salt and bytes 0 to 15
///         80    48  for a passphrase: the root key, sealed under what scrypt makes of it and the salt
///
/// It exists before the first vault does. Another passphrase, or another root key, is another record, which takes the
/// place of the first by a rename.
package struct RootKeyRecord: Equatable {
    static let saltByteCount = 32
    static let fixedByteCount = 80
    /// The root key and its tag.
    static let sealedByteCount = 48

    enum Kind: Equatable {
        case keyFile
        case passphrase(logN: UInt8)

        var recordByteCount: Int {
            switch self {
            case .keyFile: fixedByteCount
            case .passphrase: fixedByteCount + sealedByteCount
            }
        }
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
    /// The root key; empty for a key file.
    let sealed: [UInt8]

    /// What a record says about how to come by the key, which its check value authenticates.
    static func head(_ kind: Kind) -> [UInt8] {
        let parameters: [UInt8] =
            switch kind {
            case .keyFile: [1, 1, 0, 0, 0]
            case .passphrase(let logN): [2, 2, logN, scryptR, scryptP]
            }
        return magic + parameters + [0, 0, 0]
    }

    package var encoded: [UInt8] { Self.head(kind) + salt + check + sealed }

    init(kind: Kind, salt: [UInt8], check: [UInt8], sealed: [UInt8] = []) {
        self.kind = kind
        self.salt = salt
        self.check = check
        self.sealed = sealed
    }

    package init(decoding bytes: [UInt8], path: String) throws(VaultError) {
        let damaged = VaultError(
            .damaged, "'\(path)' is damaged", about: .file(path), remedies: [.restoreVaults])
        guard bytes.count >= Self.magic.count + 1, bytes.starts(with: Self.magic) else {
            throw damaged
        }
        guard bytes[8] <= Self.latestVersion else {
            throw VaultError(
                .newerVersion, "'\(path)' was made by a newer version of Sluice",
                about: .file(path),
                remedies: [.updateSluice])
        }
        guard bytes.count >= Self.fixedByteCount else { throw damaged }
        guard bytes[8] != 1 || bytes[9] != 2 else {
            throw VaultError(
                .olderVersion,
                "'\(path)' was made by an older version of Sluice, which had no key but the passphrase; those are "
                    + "not carried over before release 1.0", about: .file(path),
                remedies: [.other("use that version, or make vaults in another place")])
        }
        // A cost that nobody would choose would only exhaust the memory.
        let kind: Kind = bytes[9] == 1 ? .keyFile : .passphrase(logN: bytes[10])
        if case .passphrase(let logN) = kind, !(14...Self.largestLogN).contains(logN) {
            throw VaultError(
                .damaged,
                "'\(path)' is damaged: it asks for scrypt with N = 2^\(logN), which Sluice never chooses",
                about: .file(path), remedies: [.restoreVaults])
        }
        guard Self.head(kind) == Array(bytes[0..<16]), bytes.count == kind.recordByteCount else {
            throw damaged
        }
        self.init(
            kind: kind, salt: Array(bytes[16..<48]), check: Array(bytes[48..<80]),
            sealed: Array(bytes[80...]))
    }

    private static let magic = Array("SLUICERK".utf8)
    private static let latestVersion: UInt8 = 2
}

extension RootKeyRecord {
    /// Whether a root key is the one that the record is of.
    func isOf(_ key: RootKey) throws(VaultError) -> Bool {
        let expected = try Self.check(key, salt, kind)
        return constantTimeEqual(expected.span, check.span)
    }

    /// The check value of a root key.
    static func check(
        _ key: RootKey, _ salt: [UInt8], _ kind: Kind
    ) throws(VaultError) -> [UInt8] {
        let derived = try key.derive(.check, salt: salt, context: head(kind))
        return derived.withBytes { bytes in bytes.indices.map { bytes[$0] } }
    }
}
