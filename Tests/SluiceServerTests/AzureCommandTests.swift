#if Service
internal import Foundation
internal import SluiceServer
internal import TestSupport
internal import Testing

/// `sluice serve` and `sluice azure` as they are built, and what clients without an SDK see.
@Suite struct AzureCommandTests {
    let files: TemporaryDirectory

    init() throws {
        files = try TemporaryDirectory()
    }

    /// A runner with nothing in its environment but what is given, and the PATH.
    private func runner(_ variables: [String: String] = [:]) -> CommandRunner {
        CommandRunner(
            besideTests: "sluice",
            environment: [
                "PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": files.path("user"),
                "TMPDIR": files.path,
            ].merging(variables) { _, given in given },
            workingDirectory: files.path)
    }

    @Test(.timeLimit(.minutes(5)))
    func `clients see the cloud that they know`() throws {
        let script = "\(Checkout.path)/Tests/service/cloud.py"
        let result = try runner([
            "ARM_CLIENT_SECRET": "x", "AZURE_CLIENT_CERTIFICATE_PATH": "/x",
        ]).run(["azure", "--ephemeral", "--", "python3", script])
        #expect(result.exitCode == 0, "\(result.errorText)")
        #expect(result.outputText == "ok\n", "\(result.outputText) \(result.errorText)")
    }

    @Test(.timeLimit(.minutes(5)))
    func `blobs are there as clients have them`() throws {
        let script = "\(Checkout.path)/Tests/service/blobs.py"
        let result = try runner().run(["azure", "--ephemeral", "--", "python3", script])
        #expect(result.exitCode == 0, "\(result.errorText)")
        #expect(result.outputText == "ok\n", "\(result.outputText) \(result.errorText)")
    }

    @Test(.timeLimit(.minutes(5)))
    func `when a command that revokes has ended, no client gets another byte`() throws {
        let (home, script) = (files.path("home"), "\(Checkout.path)/Tests/service/barrier.py")
        let result = try runner().run(
            ["azure", "--home", home, "--", "python3", script, home, "3"])
        #expect(result.exitCode == 0, "\(result.errorText)")
        #expect(result.outputText == "ok\n", "\(result.outputText) \(result.errorText)")
    }

    @Test func `a command's exit code is the end of it, and the home is gone`() throws {
        let result = try runner().run([
            "azure", "--ephemeral", "--", "sh", "-c", "dirname \"$AZURE_CONFIG_DIR\"; exit 7",
        ])
        #expect(result.exitCode == 7)
        let service = result.outputText.split(separator: "\n").joined()
        #expect(service.hasSuffix("/service"))
        #expect(!FileManager.default.fileExists(atPath: service))
    }

    @Test func `a home's server is found, ends with its last command, and knows it again`() throws {
        let home = files.path("home")
        let print = ["sh", "-c", "sluice azure check && echo $AZURE_CLIENT_SECRET $HTTPS_PROXY"]
        let nested = try runner().run(
            ["azure", "--home", home, "--", "sluice", "azure", "--home", home, "--"] + print)
        #expect(nested.exitCode == 0, "\(nested.errorText)")
        let again = try runner().run(["azure", "--home", home, "--"] + print)
        #expect(again.exitCode == 0, "\(again.errorText)")
        let secrets = [nested, again].map { $0.outputText.split(separator: " ").first }
        #expect(secrets[0] == secrets[1])
        #expect(try runner().run(["azure", "env", "--home", home]).exitCode == 69)
    }

    @Test func `what can't be is refused`() throws {
        let cases: [([String], Int32)] = [
            (["azure"], 64), (["azure", "--ephemeral", "--", "no-such-program"], 69),
            (["azure", "--ephemeral", "--direct", "login.microsoftonline.com", "--", "true"], 69),
            (["azure", "--ephemeral", "--as", "nobody", "--", "true"], 69),
            (["azure", "check"], 69), (["azure", "--ephemeral", "--home", "x", "--", "true"], 64),
            (["serve", "--listen", "nowhere"], 64), (["--scope", "x", "serve"], 64),
        ]
        for (arguments, code) in cases {
            let result = try runner().run(arguments)
            #expect(result.exitCode == code, "\(arguments) \(result.errorText)")
            #expect(!result.errorText.isEmpty)
        }
    }

    @Test func `a server in a program starts, and stops`() async throws {
        let server = try await Server.start()
        let names = try server.environment().variables.map(\.name)
        #expect(names.contains("HTTPS_PROXY"))
        #expect(FileManager.default.fileExists(atPath: server.authorityPath))
        await server.stop()
        #expect(!FileManager.default.fileExists(atPath: server.authorityPath))
    }
}
#endif
