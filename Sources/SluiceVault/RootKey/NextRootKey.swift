package import SluiceAccess
internal import SluiceNative

/// What the file `root.next` says, which is there while the root key is changed for another: who has the present one
/// has the next one, too.
///
///     offset  size  meaning
///          0     8  "SLUICERN"
///          8     1  version of this layout: 1
///          9     7  zero
///         16    32  salt, random
///         48    48  the next root key, sealed under the present one
///         96        the record that is to be `root.check`
///
/// It is sealed together with bytes 0 to 47 and the record.
package struct NextRootKey: Equatable {
    /// What is to be `root.check`.
    let record: RootKeyRecord
    private let salt: [UInt8]
    private let next: [UInt8]

    private static let head = Array("SLUICERN".utf8) + [1, 0, 0, 0, 0, 0, 0, 0]
    private static let recordOffset = 96
    private static let doing = "changing the root key"

    package var encoded: [UInt8] { Self.head + salt + next + record.encoded }

    /// Has `next` follow `present`.
    init(_ next: RootKey, after present: RootKey, record: RootKeyRecord) throws(VaultError) {
        let salt = try next.newSalt(while: Self.doing)
        let binding = Self.head + salt + record.encoded
        self.salt = salt
        self.record = record
        self.next = try next.withSecret { secret throws(VaultError) in
            try present.seal(
                secret, for: .nextRootKey, salt: salt, authenticating: binding, while: Self.doing)
        }
    }

    package init(decoding bytes: [UInt8], path: String) throws(VaultError) {
        guard bytes.count > Self.recordOffset, bytes.starts(with: Self.head) else {
            throw VaultError(
                .damaged, "'\(path)' is damaged", about: .file(path), remedies: [.restoreVaults])
        }
        salt = Array(bytes[16..<48])
        next = Array(bytes[48..<Self.recordOffset])
        record = try RootKeyRecord(decoding: Array(bytes[Self.recordOffset...]), path: path)
    }

    /// The root key that follows this one; nil if it is not this one that is followed.
    func key(after present: RootKey) throws(VaultError) -> RootKey? {
        let secret = try present.open(
            next, for: .nextRootKey, salt: salt,
            authenticating: Self.head + salt + record.encoded, while: Self.doing)
        guard let secret, secret.byteCount == RootKey.byteCount else { return nil }
        let key = RootKey(secret, library: present.library)
        return try record.isOf(key) ? key : nil
    }
}
