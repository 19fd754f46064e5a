import SluiceAccess
import SluiceNative
import TestSupport
import Testing

@testable import SluiceVault

@Suite struct RootKeyTests {
    let vaults: TemporaryVaults

    init() throws { vaults = try TemporaryVaults() }

    private func passphrase(_ text: String) -> RootKeySource {
        .passphrase { () throws(VaultError) in SecretBytes(copying: Array(text.utf8).span) }
    }

    /// Makes a vault with a key, and wraps under it.
    private func prepare(_ source: RootKeySource = .file()) throws -> WrappedKey {
        let directory = try vaults.open(source)
        defer { directory.close() }
        _ = try directory.acting(as: .owner).createVault(name: "default")
        return try directory.wrap(
            secret, directory.addKnownKey())
    }

    private func unwrapRefusal(
        _ wrapped: WrappedKey, _ source: RootKeySource = .file()
    ) -> VaultError.Code? {
        refusal { () throws(VaultError) in try vaults.open(source).unwrap(wrapped) }
    }

    // MARK: Key file

    @Test func `a key file is made with the first vault, for its owner only`() throws {
        let directory = try vaults.open()
        #expect(try !FileSystem.exists(vaults.path))
        _ = try directory.acting(as: .owner).createVault(name: "default")
        let status = try FileSystem.status("\(vaults.path)/root.key")
        #expect(status.mode == 0o600)
        #expect(status.byteCount == 32)
        let key = try vaults.bytes(ofFile: "\(vaults.path)/root.key")
        _ = try directory.acting(as: .owner).createVault(name: "other")
        #expect(try vaults.bytes(ofFile: "\(vaults.path)/root.key") == key)
    }

    @Test func `a key file elsewhere opens the vaults`() throws {
        let path = "\(vaults.parent)/elsewhere.key"
        let wrapped = try prepare(.file(path: path))
        #expect(try !FileSystem.exists("\(vaults.path)/root.key"))
        #expect(try vaults.open(.file(path: path)).unwrap(wrapped) == secret)
    }

    @Test func `a key file that exists is used for new vaults`() throws {
        let path = try vaults.file("mine.key", [UInt8](repeating: 7, count: 32))
        let wrapped = try prepare(.file(path: path))
        #expect(try vaults.bytes(ofFile: path) == [UInt8](repeating: 7, count: 32))
        #expect(try vaults.open(.file(path: path)).unwrap(wrapped) == secret)
    }

    @Test func `another key file is refused`() throws {
        let wrapped = try prepare()
        let path = try vaults.file("other.key", [UInt8](repeating: 7, count: 32))
        #expect(unwrapRefusal(wrapped, .file(path: path)) == .wrongRootKey)
        #expect(
            refusal { () throws(VaultError) in
                try vaults.open(.file(path: path)).acting(as: .owner).createVault(name: "more")
            } == .wrongRootKey)
        #expect(
            refusal { () throws(VaultError) in
                try vaults.open(.file(path: path)).addKnownKey()
            } == .wrongRootKey)
    }

    @Test(arguments: [0o640, 0o604, 0o620, 0o602, 0o610, 0o666] as [UInt32])
    func `a key file that others can use is refused`(mode: UInt32) throws {
        let path = try vaults.file("mine.key", [UInt8](repeating: 7, count: 32), mode: mode)
        #expect(
            refusal { () throws(VaultError) in
                try vaults.open(.file(path: path)).acting(as: .owner).createVault(name: "abc")
            } == .rootKeyExposed)
        #expect(try vaults.open().acting(as: .owner).vaults().isEmpty)
    }

    @Test(arguments: [0o600, 0o400] as [UInt32])
    func `a key file that only its owner can use is accepted`(mode: UInt32) throws {
        let path = try vaults.file("mine.key", [UInt8](repeating: 7, count: 32), mode: mode)
        _ = try vaults.open(.file(path: path)).acting(as: .owner).createVault(name: "abc")
    }

    @Test(arguments: [0, 31, 33])
    func `a file of another size is no key`(byteCount: Int) throws {
        let path = try vaults.file("mine.key", [UInt8](repeating: 7, count: byteCount))
        #expect(
            refusal { () throws(VaultError) in
                try vaults.open(.file(path: path)).acting(as: .owner).createVault(name: "abc")
            } == .damaged)
    }

    @Test func `a key file that is gone is not made again`() throws {
        let wrapped = try prepare()
        try FileSystem.remove(tree: "\(vaults.path)/root.key")
        #expect(unwrapRefusal(wrapped) == .rootKeyMissing)
        #expect(
            refusal { () throws(VaultError) in
                try vaults.open().acting(as: .owner).createVault(name: "more")
            }
                == .rootKeyMissing)
        #expect(try !FileSystem.exists("\(vaults.path)/root.key"))
    }

    // MARK: Passphrase

    @Test func `the right passphrase opens the vaults and the wrong one is refused`() throws {
        let wrapped = try prepare(passphrase("correct horse"))
        #expect(try vaults.open(passphrase("correct horse")).unwrap(wrapped) == secret)
        #expect(unwrapRefusal(wrapped, passphrase("correct horsf")) == .wrongRootKey)
        #expect(unwrapRefusal(wrapped, passphrase("")) == .wrongRootKey)
        #expect(unwrapRefusal(wrapped) == .passphraseRequired)
        #expect(try !FileSystem.exists("\(vaults.path)/root.key"))
    }

    @Test func `a passphrase for vaults under a key file is refused`() throws {
        let wrapped = try prepare()
        #expect(unwrapRefusal(wrapped, passphrase("correct horse")) == .wrongRootKey)
    }

    @Test func `what provides the passphrase may refuse`() throws {
        let source = RootKeySource.passphrase { () throws(VaultError) in
            throw VaultError(.passphraseRequired, "none here")
        }
        #expect(
            refusal { () throws(VaultError) in
                try vaults.open(source).acting(as: .owner).createVault(name: "abc")
            }
                == .passphraseRequired)
        #expect(try vaults.open().acting(as: .owner).vaults().isEmpty)
    }

    @Test(arguments: [
        ("", false), ("x", false), ("sieben7", false), ("acht8888", true), ("größer77", true),
    ])
    func `a new passphrase has eight characters`(text: String, isTaken: Bool) throws {
        let code = refusal { () throws(VaultError) in
            try vaults.open(passphrase(text)).acting(as: .owner).createVault(name: "abc")
        }
        #expect(code == (isTaken ? nil : .invalidArgument))
        #expect(try vaults.open().acting(as: .owner).vaults().isEmpty != isTaken)
    }

    // MARK: What stands in the file's place

    @Test(arguments: ["root.key", "root.check"])
    func `a link is not followed, and a pipe not waited for`(name: String) throws {
        let wrapped = try prepare()
        let path = "\(vaults.path)/\(name)"
        let aside = "\(vaults.parent)/aside"
        FileChange.move(path, to: aside)
        FileChange.makeLink(path, to: aside)
        #expect(unwrapRefusal(wrapped) == .io)
        FileChange.remove(path)
        FileChange.makePipe(path)
        #expect(unwrapRefusal(wrapped) == .damaged)
        FileChange.remove(path)
        try FileSystem.makeDirectories(path)
        #expect(unwrapRefusal(wrapped) != nil)
        FileChange.remove(path)
        FileChange.move(aside, to: path)
        #expect(unwrapRefusal(wrapped) == nil)
    }

    @Test func `a key file that is named may be a link`() throws {
        let path = try vaults.file("mine.key", [UInt8](repeating: 7, count: 32))
        let link = "\(vaults.parent)/link.key"
        FileChange.makeLink(link, to: path)
        let wrapped = try prepare(.file(path: link))
        #expect(unwrapRefusal(wrapped, .file(path: link)) == nil)
        FileChange.setMode(0o640, of: path)
        #expect(unwrapRefusal(wrapped, .file(path: link)) == .rootKeyExposed)
    }

    @Test func `another user's key file is refused`() throws {
        guard FileChange.isRoot else { return }
        let wrapped = try prepare()
        let path = "\(vaults.path)/root.key"
        FileChange.setOwner(12_345, of: path)
        #expect(unwrapRefusal(wrapped) == .rootKeyExposed)
        // Whose the directory is, his vaults are.
        FileChange.setOwner(12_345, of: vaults.path)
        #expect(unwrapRefusal(wrapped) == nil)
    }

    @Test(arguments: [
        "", "/default", "/default/vault.db", "/default/lock", "/barrier", "/root.check",
    ])
    func `vaults that others may write to are refused`(name: String) throws {
        let wrapped = try prepare()
        let path = vaults.path + name
        let mode = try FileSystem.status(path).mode
        for bit in [0o020, 0o002] as [UInt32] {
            FileChange.setMode(mode | bit, of: path)
            #expect(unwrapRefusal(wrapped) == .vaultsExposed)
            #expect(
                refusal { () throws(VaultError) in try vaults.open().addKnownKey() }
                    == .vaultsExposed)
        }
        FileChange.setMode(mode | 0o055, of: path)
        #expect(unwrapRefusal(wrapped) == nil)
    }

    @Test func `no vault is made where others may write`() throws {
        try FileSystem.makeDirectories(vaults.path)
        FileChange.setMode(0o777, of: vaults.path)
        #expect(
            refusal { () throws(VaultError) in
                try vaults.open().acting(as: .owner).createVault(name: "abc")
            }
                == .vaultsExposed)
        #expect(try !FileSystem.exists("\(vaults.path)/root.key"))
    }

    // MARK: Record

    @Test func `a record that is gone is not made again`() throws {
        let wrapped = try prepare()
        try FileSystem.remove(tree: "\(vaults.path)/root.check")
        #expect(unwrapRefusal(wrapped) == .damaged)
        #expect(
            refusal { () throws(VaultError) in
                try vaults.open().acting(as: .owner).createVault(name: "more")
            }
                == .damaged)
    }

    @Test func `a change of any byte of the record is found out`() throws {
        let wrapped = try prepare()
        let path = "\(vaults.path)/root.check"
        let record = try vaults.bytes(ofFile: path)
        #expect(record.count == RootKeyRecord.fixedByteCount)
        for offset in record.indices {
            var changed = record
            changed[offset] ^= 1
            try File.open(path, .readWrite).write(changed.span, at: 0)
            let code = unwrapRefusal(wrapped)
            let expected: Set<VaultError.Code> =
                offset < 16
                ? [.damaged, .newerVersion, .olderVersion, .passphraseRequired] : [.wrongRootKey]
            #expect(code.map(expected.contains) == true, "byte \(offset): \(code as Any)")
        }
        try File.open(path, .readWrite).write(record.span, at: 0)
        #expect(try vaults.open().unwrap(wrapped) == secret)
    }

    @Test(arguments: [
        RootKeyRecord.Kind.keyFile, .passphrase(logN: 14), .passphrase(logN: 17),
        .passphrase(logN: 19),
    ])
    func `a record decodes to what was encoded`(kind: RootKeyRecord.Kind) throws {
        let sealed = kind == .keyFile ? [] : Array(UInt8(64)..<112)
        let record = RootKeyRecord(
            kind: kind, salt: Array(0..<32), check: Array(32..<64), sealed: sealed)
        #expect(record.encoded.count == kind.recordByteCount)
        #expect(try RootKeyRecord(decoding: record.encoded, path: "") == record)
        for byteCount in [0, 8, 9, 79, kind.recordByteCount - 1] {
            #expect(
                refusal { () throws(VaultError) in
                    try RootKeyRecord(decoding: Array(record.encoded.prefix(byteCount)), path: "")
                } == .damaged)
        }
        #expect(
            refusal { () throws(VaultError) in
                try RootKeyRecord(decoding: record.encoded + [0], path: "")
            } == .damaged)
    }

    @Test(arguments: [0, 13, 20, 255] as [UInt8])
    func `a record with a cost out of bounds is damaged`(logN: UInt8) {
        let record = RootKeyRecord(
            kind: .passphrase(logN: logN), salt: Array(0..<32), check: Array(32..<64),
            sealed: Array(64..<112))
        #expect(
            refusal { () throws(VaultError) in
                try RootKeyRecord(decoding: record.encoded, path: "")
            } == .damaged)
    }

    @Test func `a record of a later version is told from a damaged one`() {
        var bytes = RootKeyRecord(kind: .keyFile, salt: Array(0..<32), check: Array(32..<64))
            .encoded
        bytes[8] = 3
        #expect(
            refusal { () throws(VaultError) in
                try RootKeyRecord(decoding: bytes + [1, 2, 3], path: "")
            } == .newerVersion)
    }

    @Test func `a passphrase's record without a sealed root key is of an older version`() {
        let former = Array("SLUICERK".utf8) + [1, 2, 17, 8, 1, 0, 0, 0]
        #expect(
            refusal { () throws(VaultError) in
                try RootKeyRecord(
                    decoding: former + [UInt8](repeating: 7, count: 64), path: "")
            } == .olderVersion)
    }

    @Test func `different fields never encode alike`() {
        #expect(FieldEncoding([1, 2], [3]).bytes != FieldEncoding([1], [2, 3]).bytes)
        #expect(FieldEncoding([1, 2]).bytes == [0, 0, 0, 2, 1, 2])
        #expect(FieldEncoding([], []).bytes != FieldEncoding([]).bytes)
    }
}
