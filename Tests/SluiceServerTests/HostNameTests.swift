internal import SluiceServer
internal import Testing

@Suite struct HostNameTests {
    @Test(
        arguments: [
            ("login.microsoftonline.com", HostKind.login, nil), ("graph.localhost", .graph, nil),
            ("management.azure.com", .management, nil), ("arm.localhost", .management, nil),
            ("kv1.vault.azure.net", .vault, "kv1"), ("kv1.vault.localhost", .vault, "kv1"),
            ("a.blob.core.windows.net", .blob, "a"), ("a.dfs.core.localhost", .dfs, "a"),
            ("a.openai.azure.com", .openAI, "a"),
            ("eastus.api.cognitive.microsoft.com", .cognitive, "eastus"),
            ("eastus.api.azureml.ms", .machineLearning, "eastus"), ("127.0.0.1", .server, nil),
            ("::1", .server, nil), ("localhost", .server, nil),
        ] as [(String, HostKind, String?)])
    func `a name is of one kind`(host: String, kind: HostKind, name: String?) throws {
        let found = try #require(HostName(host))
        #expect(found.kind == kind)
        #expect(found.name == name)
    }

    @Test(arguments: [
        "example.com", "vault.azure.net", ".vault.azure.net", "a.b.vault.azure.net",
        "xvault.azure.net", "login.microsoftonline.com.evil.example", "127.0.0.2", "azure.com",
        "portal.azure.com", "a.queue.core.windows.net", "",
    ])
    func `other names are not emulated`(host: String) {
        #expect(HostName(host) == nil)
    }

    @Test func `the certificate has no star directly before localhost`() {
        #expect(!HostName.certified.contains("*.localhost"))
        #expect(HostName.certified.contains("*.vault.azure.net"))
        #expect(HostName.certified.contains("arm.localhost"))
    }
}
