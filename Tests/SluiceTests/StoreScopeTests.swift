import Sluice
import SluiceAccess
import SluiceNative
import SluiceVault
import TestSupport
import Testing

@Suite struct StoreScopeTests {
    /// `openssl genrsa 2048`; protects nothing.
    private static let pem = """
        -----BEGIN PRIVATE KEY-----
        MIIEvAIBADANBgkqhkiG9w0BAQEFAASCBKYwggSiAgEAAoIBAQDOkdZvu4ZO4JI8
        yss1AxJ/kN7Q3yyknCJCslLIJoK41szlrecZ55t4PmyfVVyeziyM3PJUoz2EzT2N
        Qp3xQKKBLGpY3+V1h/AxjsETil34M+jT+PMVyJcDZOs3cmPhQASTCdwxq5xVfDGZ
        Ckv1gyCzdf+lTwBEdJzb1VSG5NYsVYgGojkMY9Rv06BGeST9Jog6739wjfgiZowZ
        S7oTyRq0zSo3BSxifoBQpdWjdC5x2SgDZKcyIG+kwt9HQjtl496QaMQD0C6CAV4z
        BRj56/y3O68XP9ts5cat9dno2k2UJ4qa3olJhMx1mW5/pDxaR4LOfcWMMWX8SWbQ
        zSTCYdxTAgMBAAECggEAC1L2gpb6I3rT4FT/ZfYlTCyug3fxtm9JUz3XEexrrdoS
        83YXhnoqVmq9pfS6uq3zodb1yn0pAOkrcRRLrth+GT8DXgnm/Qzf/5U1sUnTRmAn
        1qXZQ1TgeCnhIpaUVtpmk4KuuWLsSlv7lKV6SWQ93EHYKy8QhR3m3AgBI4kcQJqx
        Yhb2izvxPBNMWWXAVAFDOMrlMFxeAAlv60mrBqSNBgP8tT3uqrq6Bnl2RrBe6mIY
        dlQJK2xR/K7RyW/y7NA/tjRJ6SmTnJboaNWygULTeRA9EZNMIGA1n0+Er+AfM4ND
        hXs7dkOcW+1BgalBNK8945NT09vJ01VpucswZGFIYQKBgQDrdfx8sbjcE7plQ24N
        ykPO+qmEForofWmIyjjearLbM+Bbhgour7+RyuQSU8iOUxCB4pZthFjHjknqpqGU
        5HkEfc8DijRHQcRFpKJPOX52Wnr/qoa2NjNXyud4krMNKaU8ST+BXPKkXJvzo5aC
        n7kwiJY4O8xPICEOAOiuGo0yowKBgQDglrCKsg2lTipxrRzID8kytPiW9xSDZ9SN
        n/e6Zx/cW3bedpEH2cvWE+g1Kpy9rZ6O6NB1tuA4ezsqAop+pmgoWZdZ/OhymBmk
        MbnbtgLar4LGe+UXJhSsi/t6NQXmD09OF7qCTizjkqFLqffMbBzXkGbbRkNl2mPH
        oUG+a4f6kQKBgBiWzbNH7AIvnTuN+yQ9hy9KRgGhSQhWcHr0g1PW2K7DkB5+tPmD
        KQJUqdSwIzWZvxORUhxFwe+1EEsM87rU0T6C1OeNuz/lwlVzh++2FVrOwCGK8V59
        8oasjdetmj05qCPPkm40ArLfaPncj488lt5WpTliJUfuFwWbWrEz3KL5AoGAS/wP
        vM0i+sOobo9wRmu42bQKyyDLSu4tJsFxkhpj2C0F2Zxp0ysn4MUZcit5nl8IXzd7
        l+gIknN2/+6eJt1sLgKpx2Neza6SNlAwnppE+vIYn8i5KIzUv9AYhC8+UKjrXvN+
        QanrXA93DN9znDETzQbpFdT+5o3t5lOzp5ZAClECgYBr0ifBrhnVj8cr0oegLTuc
        XLNhY+ZDEivg4hA6dWR6RrgTppB6AD7hdAMSldAVVNZQcDS8Nf+D1v7CG6SBrMTY
        gh7RFYaRoquvUuEtlLctdSWDlxYAWfzPHwSThkgRMEBktauncIKUYyK9s4XbtS1Q
        w45eP4Ycd2ByXNZPeBTrcA==
        -----END PRIVATE KEY-----
        """

    @Test func `scopes share no object`() throws {
        let home = try TestHome()
        let store = try home.open()
        defer { try? store.close() }
        let scopes: [ScopeName] = ["default", "a", "b"]
        for scope in scopes.dropFirst() { try store.createScope(scope) }
        for (index, scope) in scopes.enumerated() {
            try store.put([UInt8(index)], as: "d/o", in: scope)
            try store.put(patternedBytes(80_000, seed: UInt64(index)), as: "large", in: scope)
        }
        for (index, scope) in scopes.enumerated() {
            #expect(try store.get("d/o", in: scope) == [UInt8(index)])
            let large = patternedBytes(80_000, seed: UInt64(index))
            #expect(try store.get("large", in: scope) == large)
            #expect(try store.list(in: scope).entries.map(\.name) == ["d/o", "large"])
        }
        try store.remove("d/o", in: "a")
        try store.rename("large", to: "d/o", in: "b")
        #expect(failure { try store.get("d/o", in: "a") } == .notFound)
        #expect(try store.get("d/o") == [0])
        #expect(try store.list(in: "a").entries.map(\.name) == ["large"])
        #expect(try store.list(in: "b").entries.map(\.name) == ["d/o"])
        #expect(try store.verify().findings == [])
        #expect(try store.verify(in: "b").objectCount == 1)
        let counts = try store.scopes().map { $0.census.reduce(0) { $0 + $1.objectCount } }
        #expect(counts == [1, 1, 2])
    }

    @Test func `the default scope is made by the first put, under the platform's key`() throws {
        let home = try TestHome()
        let store = try home.open()
        defer { try? store.close() }
        #expect(try store.scopes() == [])
        let info = try store.put([1], as: "o")
        let scope = try store.scope(.default)
        #expect(try scope.currentKey.versionless == store.vaults.platformKey().versionless)
        #expect(scope.keySetting == scope.currentKey.versionless)
        #expect(info.keyIdentifier == scope.currentKey)
    }

    @Test func `objects of a scope are sealed under the customer's key, made or imported`() throws {
        let home = try TestHome()
        try home.withStore { store throws in
            _ = try store.vaults.acting(as: .owner).createVault(name: "mine")
            _ = try store.vaults.acting(as: .owner).setAccessPolicy(
                vault: "mine", for: store.identity)
            let made = try store.vaults.acting(as: .owner).createKey(vault: "mine", name: "made")
                .key.kid
            let pem = Array(Self.pem.utf8)
            let imported = try store.vaults.acting(as: .owner).importKey(
                vault: "mine", name: "imported", pem: pem.span
            ).key.kid
            let a = try store.createScope("a", key: made.versionless)
            #expect(a.keySetting == made.versionless && a.currentKey == made)
            let b = try store.createScope("b", key: imported)
            #expect(b.keySetting == imported && b.currentKey == imported)
            #expect(try store.put([1], as: "o", in: "a").keyIdentifier == made)
            let large = patternedBytes(80_000)
            #expect(
                try store.put(large, as: "o", in: "b", options: .with()).keyIdentifier == imported)
            #expect(try store.scope("b").census.map(\.key) == [imported])
        }
        try home.withStore { store throws in
            #expect(try store.get("o", in: "a") == [1])
            #expect(try store.get("o", in: "b") == patternedBytes(80_000))
            #expect(try store.verify().findings == [])
            #expect(failure { try store.get("o") } == .notFound)
        }
    }

    @Test func `a scope that can't be made is not there`() throws {
        let home = try TestHome()
        let store = try home.open()
        defer { try? store.close() }
        _ = try store.vaults.acting(as: .owner).createVault(name: "mine")
        #expect(
            failure { try store.createScope("a", key: KeyIdentifier(vault: "mine", name: "x")) }
                == .accessDenied)
        _ = try store.vaults.acting(as: .owner).setAccessPolicy(vault: "mine", for: store.identity)
        var settings = KeySettings()
        settings.isEnabled = false
        let disabled = try store.vaults.acting(as: .owner).createKey(
            vault: "mine", name: "off", settings: settings)
        settings = KeySettings(operations: [.wrapKey])
        let oneWay = try store.vaults.acting(as: .owner).createKey(
            vault: "mine", name: "oneway", settings: settings)
        let missing = try KeyIdentifier(vault: "mine", name: "none")
        let nowhere = try KeyIdentifier(vault: "nowhere", name: "none")
        #expect(failure { try store.createScope("a", key: disabled.key.kid) } == .accessDenied)
        #expect(failure { try store.createScope("a", key: oneWay.key.kid) } != nil)
        #expect(failure { try store.createScope("a", key: missing) } == .vaultUnavailable)
        #expect(failure { try store.createScope("a", key: nowhere) } == .vaultUnavailable)
        #expect(try store.scopes() == [])
        #expect(failure { try store.scope("a") } == .notFound)
        try store.createScope("a")
        #expect(failure { try store.createScope("a") } == .alreadyExists)
        #expect(failure { try store.list(in: "b") } == .notFound)
        #expect(failure { try store.verify(in: "b") } == .notFound)
        #expect(try store.scopes().count == 1)
    }

    @Test(arguments: ["", "-a", "A", "a_b", "a/b", "é", "a b", String(repeating: "a", count: 64)])
    func `a scope's name that breaks the rules is refused`(name: String) {
        #expect(failure { try ScopeName(name) } == .invalidName)
    }

    @Test func `of many that make one scope at once, exactly one does`() throws {
        let home = try TestHome()
        let store = try home.open()
        defer { try? store.close() }
        let count = Box(0)
        try together(8) { _ in
            let code = failure { try store.createScope("s") }
            #expect(code == nil || code == .alreadyExists)
            if code == nil { count.update { $0 += 1 } }
        }
        #expect(count.value == 1)
    }

    @Test func `the first puts of many threads all go to one default scope`() throws {
        let home = try TestHome()
        try together(2) { half in
            try home.withStore { store throws in
                try together(6) { index in
                    try store.put([UInt8(index)], as: ObjectName("\(half)/\(index)"))
                }
            }
        }
        try home.withStore { store throws in
            #expect(try store.scopes().count == 1)
            #expect(try store.list().entries.count == 12)
            #expect(try store.verify().findings == [])
        }
    }

    @Test func `threads that put first make one scope, not one each`() throws {
        let home = try TestHome()
        try home.withStore { store throws in
            try together(8) { index in
                try store.put([UInt8(index)], as: ObjectName("\(index)"))
            }
        }
        let vault = "\(home.location.vaults)/platform/vault.db"
        #expect(try home.integer("SELECT count(*) FROM anchors", in: vault) == 1)
    }
}
