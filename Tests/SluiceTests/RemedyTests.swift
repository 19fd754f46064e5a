import Sluice
import SluiceNative
import TestSupport
import Testing

@testable import SluiceEngine

/// What errors say besides their code.
@Suite struct RemedyTests {
    private enum Step {
        case system(SystemError)
        case crypto(CryptoError)
        case vault(VaultError)
        case blob(BlobError)

        func run() throws(StoreError) {
            switch self {
            case .system(let error):
                try translated("do it") { () throws(SystemError) in throw error }
            case .crypto(let error):
                try translated("doing it") { () throws(CryptoError) in throw error }
            case .vault(let error):
                try translated("do it") { () throws(VaultError) in throw error }
            case .blob(let error):
                try translated("do it") { () throws(BlobError) in throw error }
            }
        }
    }

    @Test func `an error of a layer below keeps its subject, its remedies and itself`() throws {
        let key = try KeyIdentifier(vault: "mine", name: "master")
        let disabled = VaultError(
            .keyDisabled, "it is disabled", about: .key(key), remedies: [.change(.enable(key))])
        let steps: [(Step, StoreError.Code, ErrorSubject?, [Remedy])] = [
            (.vault(disabled), .accessDenied, .key(key), [.change(.enable(key))]),
            (
                .system(SystemError(call: "open", path: "/x", number: 28)), .noSpace, .file("/x"),
                [.machine(.freeSpace)]
            ),
            (
                .system(SystemError(call: "open", path: "/x", number: 24)), .inputOutput,
                .file("/x"), [.machine(.raise(.openFiles))]
            ),
            (.crypto(.authenticationFailed), .integrity, nil, []),
            (
                .crypto(.fipsUnavailable(reason: "none")), .fipsUnavailable, nil,
                [.machine(.installFIPSModule), .choose(.anyModule)]
            ),
            (
                .blob(BlobError(.failed, "it is away", isTransient: true)), .inputOutput, nil,
                [.tryAgain]
            ),
        ]
        for (step, code, subject, remedies) in steps {
            let error = try #require(thrown { try step.run() })
            #expect(error.code == code, "\(error)")
            #expect(error.subject == subject, "\(error)")
            #expect(error.remedies == remedies, "\(error)")
            #expect(error.cause != nil, "\(error)")
        }
    }

    @Test func `the message is the reason and what each remedy says`() {
        let plain = StoreError(.notFound, "it isn't there")
        #expect(plain.message == "it isn't there")
        let two = StoreError(
            .notFound, "it isn't there", remedies: [.tryAgain, .other("look elsewhere")])
        #expect(two.message == "it isn't there: try again; look elsewhere")
        #expect(two.description == two.message)
        let nested = StoreError(.inputOutput, "can't read it: it is gone", remedies: [.tryAgain])
        #expect(nested.message == "can't read it: it is gone; try again")
    }

    @Test func `errors of a vault are equal if they say the same`() {
        let one = VaultError(.io, "it failed", remedies: [.tryAgain])
        #expect(one == VaultError(.io, "it failed", remedies: [.tryAgain], cause: one))
        #expect(one != VaultError(.io, "it failed"))
        #expect(one != VaultError(.io, "it failed", about: .vault("v"), remedies: [.tryAgain]))
        #expect(one != VaultError(.damaged, "it failed", remedies: [.tryAgain]))
        #expect(Set([one, one]).count == 1)
    }

    @Test func `what isn't there is named, and what finds it`() throws {
        let home = try TestHome()
        var options = StoreOptions()
        options.createIfMissing = false
        let missing = thrown { try Store.open(home.location, options: options) }
        #expect(missing?.subject == .store(home.location.store))
        #expect(missing?.remedies.first == .make(.store))
        try home.withStore { store in
            let object = thrown { try store.get("a/b/c") }
            #expect(object?.subject == .object("a/b/c"))
            #expect(object?.remedies == [.list(.objects(below: "a/b/"))])
            #expect(thrown { try store.get("c") }?.remedies == [.list(.objects(below: ""))])
            let scope = thrown { try store.get("c", in: "private") }
            #expect(scope?.subject == .scope("private"))
            #expect(scope?.remedies == [.list(.scopes), .make(.scope("private"))])
        }
    }

    @Test func `a refusal to retire a version tells all that need it`() throws {
        let store = try Store.temporary()
        let vaults = store.vaults.acting(as: .owner)
        _ = try vaults.createVault(name: "mine")
        let first = try vaults.createKey(vault: "mine", name: "master").key.kid
        _ = try vaults.setAccessPolicy(vault: "mine", for: store.identity)
        let scope: ScopeName = "private"
        try store.createScope(scope, key: first.versionless)
        try store.put([1], as: "a", in: scope)
        let both = thrown { try store.retireKeyVersion(first, waitingSeconds: 60, as: .owner) }
        #expect(both?.code == .stillNeeded)
        #expect(both?.subject == .key(first))
        #expect(
            both?.remedies == [
                .make(.keyVersion(first.versionless)), .run(.openScope("private", store: nil)),
                .run(.rewrap(scope: "private", from: first, store: nil)),
            ])
        // With a newer version there, nobody is to make another.
        _ = try vaults.rotateKey(vault: "mine", name: "master")
        let rotated = thrown { try store.retireKeyVersion(first, waitingSeconds: 60, as: .owner) }
        #expect(
            rotated?.remedies == [
                .run(.openScope("private", store: nil)),
                .run(.rewrap(scope: "private", from: first, store: nil)),
            ])
        #expect(try store.get("a", in: scope) == [1])
        let left = thrown { try store.retireKeyVersion(first, waitingSeconds: 60, as: .owner) }
        #expect(left?.remedies == [.run(.rewrap(scope: "private", from: first, store: nil))])
        _ = try store.rewrap(in: scope)
        _ = try store.retireKeyVersion(first, waitingSeconds: 60, as: .owner)
    }

    @Test func `a scope that is pinned to a version is to follow the key before it is retired`()
        throws
    {
        let store = try Store.temporary()
        let vaults = store.vaults.acting(as: .owner)
        _ = try vaults.createVault(name: "mine")
        let first = try vaults.createKey(vault: "mine", name: "master").key.kid
        _ = try vaults.setAccessPolicy(vault: "mine", for: store.identity)
        try store.createScope("private", key: first)
        _ = try vaults.rotateKey(vault: "mine", name: "master")
        let refused = thrown { try store.retireKeyVersion(first, waitingSeconds: 60, as: .owner) }
        #expect(refused?.code == .stillNeeded)
        #expect(
            refused?.remedies
                == [.run(.followKey(scope: "private", first.versionless, store: nil))])
        try store.updateScope("private", key: first.versionless)
        _ = try store.retireKeyVersion(first, waitingSeconds: 60, as: .owner)
    }
}
