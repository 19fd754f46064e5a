package import SluiceControl
internal import SluiceNative
internal import SluiceREST

/// What the environment of a client is to have, so that it takes this server for the cloud.
public struct ClientEnvironment: Sendable {
    /// The forms in which an environment is printed.
    public enum Format: String, CaseIterable, Sendable {
        /// `export NAME='VALUE'`.
        case sh
        /// `NAME="VALUE"`.
        case dotenv
        /// `NAME=VALUE`, as `docker run --env-file` reads it.
        case docker
        /// `NAME=VALUE`, to be appended to `$GITHUB_ENV`.
        case github
    }

    /// What the variables of a child are that another cloud, or another proxy, has left.
    private static let foreignPrefixes = ["AZURE_", "ARM_", "MSI_", "IDENTITY_"]
    private static let foreign = [
        "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "REQUESTS_CA_BUNDLE", "SSL_CERT_FILE",
        "SSL_CERT_DIR", "CURL_CA_BUNDLE", "NODE_EXTRA_CA_CERTS",
    ]

    private let home: HomeDirectory
    private let state: HomeState
    private let tenant: HomeTenant
    private let host: String
    private let port: Int
    /// Names that are reached without the proxy.
    private var direct: [String] = []
    /// The directory of `az`.
    private var configuration: String

    package init(
        _ home: HomeDirectory, _ state: HomeState, _ tenant: HomeTenant, host: String, port: Int
    ) {
        self.home = home
        self.state = state
        self.tenant = tenant
        self.host = host
        self.port = port
        configuration = "\(home.service)/az-\(tenant.name)"
    }

    /// Has names be reached without the proxy.
    ///
    /// Throws if one is of Microsoft's clouds: nothing of a child is to reach them.
    public mutating func reachDirectly(_ names: [String]) throws(ServerError) {
        let clouds = [
            "azure.com", "azure.net", "windows.net", "microsoft.com", "microsoftonline.com",
            "azureml.ms", "microsoftonline-p.com", "live.com", "azure.us", "azure.cn",
            "windows-ppe.net",
        ]
        for name in names {
            let bare = name.lowercased().drop { $0 == "." || $0 == "*" }
            guard
                !clouds.contains(where: {
                    bare == $0 || bare.hasSuffix(".\($0)") || $0.hasSuffix(".\(bare)")
                        || bare.isEmpty
                })
            else {
                throw ServerError(
                    "'\(name)' is of Microsoft's cloud, which a child never reaches directly: leave it out"
                )
            }
        }
        direct += names
    }

    /// The variables, in order.
    public var variables: [(name: String, value: String)] {
        let address = host.utf8.contains(UInt8(ascii: ":")) ? "[\(host)]" : host
        let proxy = "http://\(address):\(port)"
        let noProxy = (["localhost", "127.0.0.1", "::1", ".localhost"] + direct).joined(
            separator: ",")
        let java = [
            "-Dhttps.proxyHost=\(host)", "-Dhttps.proxyPort=\(port)", "-Dhttp.proxyHost=\(host)",
            "-Dhttp.proxyPort=\(port)", "-Djavax.net.ssl.trustStore=\(home.trustStorePath)",
            "-Djavax.net.ssl.trustStoreType=JKS",
            "-Djavax.net.ssl.trustStorePassword=\(TrustFiles.javaPassword)",
        ]
        return [
            ("SLUICE_AZURE", state.nonce), ("HTTPS_PROXY", proxy), ("https_proxy", proxy),
            ("HTTP_PROXY", proxy), ("http_proxy", proxy), ("NO_PROXY", noProxy),
            ("no_proxy", noProxy),
            ("REQUESTS_CA_BUNDLE", home.authorityPath), ("SSL_CERT_FILE", home.authorityPath),
            ("CURL_CA_BUNDLE", home.authorityPath), ("NODE_EXTRA_CA_CERTS", home.authorityPath),
            ("NODE_USE_ENV_PROXY", "1"), ("JAVA_TOOL_OPTIONS", java.joined(separator: " ")),
            ("AZURE_CONFIG_DIR", configuration), ("AZURE_TENANT_ID", tenant.id),
            ("AZURE_CLIENT_ID", tenant.appID), ("AZURE_CLIENT_SECRET", tenant.secret),
            ("AZURE_SUBSCRIPTION_ID", tenant.subscription), ("AZURE_OBJECT_ID", tenant.objectID),
            ("AZURE_STORAGE_ACCOUNT", tenant.account),
            ("IDENTITY_ENDPOINT", "\(proxy)/msi/token"), ("IDENTITY_HEADER", state.identitySecret),
            ("AZURE_CORE_COLLECT_TELEMETRY", "false"), ("AZURE_CORE_SURVEY_MESSAGE", "false"),
            ("DOTNET_CLI_TELEMETRY_OPTOUT", "1"),
        ]
    }

    /// The environment of a child: of `inherited`, what isn't another cloud's, and the variables.
    ///
    /// - Parameter inherited: Each `NAME=VALUE`.
    public func applied(to inherited: [String]) -> [String] {
        let own = variables
        let kept = inherited.filter { variable in
            let name = String(variable.prefix { $0 != "=" })
            let upper = name.uppercased()
            return !own.contains { $0.name == name } && !Self.foreign.contains(upper)
                && !Self.foreignPrefixes.contains { upper.hasPrefix($0) }
        }
        return kept + own.map { "\($0.name)=\($0.value)" }
    }

    /// The variables as text, a line each.
    public func text(_ format: Format) -> String {
        variables.map { name, value in
            switch format {
            case .sh: "export \(name)='\(value)'\n"
            case .dotenv: "\(name)=\"\(value)\"\n"
            case .docker, .github: "\(name)=\(value)\n"
            }
        }.joined()
    }

    /// What a client needs that goes without the proxy, by names and ports of this machine's own.
    public var endpoints: [(name: String, value: String)] {
        let origin = { (host: String) in "https://\(host):\(port)" }
        return [
            ("resourceManager", origin("arm.localhost")), ("login", origin("login.localhost")),
            ("graph", origin("graph.localhost")), ("keyVaultSuffix", ".vault.localhost:\(port)"),
            ("storageSuffix", "core.localhost:\(port)"),
            ("blob", "http://127.0.0.1:\(port)/\(tenant.account)"),
            ("authority", home.authorityPath),
        ]
    }

    /// Writes the directory of `az`, with the administrator signed in; what is there stays.
    ///
    /// Its files have the administrator's secret, as `az login` leaves it, and mode 0600.
    ///
    /// - Parameter path: Where; by default in the home.
    public mutating func writeConfiguration(to path: String? = nil) throws(ServerError) {
        if let path { configuration = path }
        let profile: JSON = [
            "installationId": .string(state.nonce),
            "subscriptions": [
                [
                    "id": .string(tenant.subscription), "name": .string("Sluice \(tenant.name)"),
                    "state": "Enabled", "isDefault": true, "tenantId": .string(tenant.id),
                    "user": ["name": .string(tenant.appID), "type": "servicePrincipal"],
                    "environmentName": "AzureCloud", "homeTenantId": .string(tenant.id),
                    "managedByTenants": [],
                ]
            ],
        ]
        let entries: JSON = [
            [
                "client_id": .string(tenant.appID), "tenant": .string(tenant.id),
                "client_secret": .string(tenant.secret),
            ]
        ]
        do throws(SystemError) {
            try FileSystem.makeDirectories(configuration)
            let directory = try Directory.openGuarded(configuration)
            for (name, document) in [
                ("azureProfile.json", profile), ("service_principal_entries.json", entries),
            ] where try directory.statusIfThere(name) == nil {
                _ = try directory.createWhole(name, document.encoded.span)
            }
        } catch {
            throw ServerError("'\(configuration)' can't be written: \(error.reason)")
        }
    }
}
