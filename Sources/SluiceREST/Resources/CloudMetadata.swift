/// What the resource interface says of the cloud that it belongs to.
public enum CloudMetadata {
    /// The document of `/metadata/endpoints`.
    ///
    /// - Parameters:
    ///   - isMicrosofts: Whether the client knows the cloud by Microsoft's names.
    ///   - port: The port that the client reached this by, which other names then have, too.
    public static func document(isMicrosofts: Bool, port: Int?) -> JSON {
        let suffix = port.map { ":\($0)" } ?? ""
        let address = { (microsofts: String, local: String) -> JSON in
            .string(isMicrosofts ? "https://\(microsofts)" : "https://\(local)\(suffix)")
        }
        let domain = { (microsofts: String, local: String) -> JSON in
            .string(isMicrosofts ? microsofts : local + suffix)
        }
        return [
            "name": .string(isMicrosofts ? "AzureCloud" : "Sluice"),
            "portal": address("portal.azure.com", "arm.localhost"),
            "authentication": [
                "loginEndpoint": address("login.microsoftonline.com", "login.localhost"),
                "audiences": [
                    "https://management.core.windows.net/", "https://management.azure.com/",
                ],
                "tenant": "common", "identityProvider": "AAD",
            ],
            "graphAudience": address("graph.microsoft.com", "graph.localhost"),
            "microsoftGraphResourceId": "https://graph.microsoft.com/",
            "resourceManager": address("management.azure.com", "arm.localhost"),
            "gallery": address("management.azure.com", "arm.localhost"),
            "batch": "https://batch.core.windows.net/",
            "media": "https://rest.media.azure.net",
            "activeDirectoryDataLake": "https://datalake.azure.net/",
            "suffixes": [
                "keyVaultDns": domain("vault.azure.net", "vault.localhost"),
                "storage": domain("core.windows.net", "core.localhost"),
                "acrLoginServer": "azurecr.io", "mhsmDns": "managedhsm.azure.net",
            ],
        ]
    }

    /// The regions that clients are told of.
    public static let regions = [
        ("eastus", "East US"), ("eastus2", "East US 2"), ("westus", "West US"),
        ("westus2", "West US 2"), ("westus3", "West US 3"), ("northeurope", "North Europe"),
        ("westeurope", "West Europe"), ("uksouth", "UK South"), ("swedencentral", "Sweden Central"),
        ("germanywestcentral", "Germany West Central"), ("francecentral", "France Central"),
        ("switzerlandnorth", "Switzerland North"), ("japaneast", "Japan East"),
        ("australiaeast", "Australia East"),
    ]

    /// The namespaces of resources that clients ask about.
    public static let namespaces = [
        "Microsoft.Authorization", "Microsoft.CognitiveServices", "Microsoft.ContainerRegistry",
        "Microsoft.DocumentDB", "Microsoft.Insights", "Microsoft.KeyVault",
        "Microsoft.MachineLearningServices", "Microsoft.ManagedIdentity",
        "Microsoft.OperationalInsights",
        "Microsoft.Resources", "Microsoft.Search", "Microsoft.Storage",
    ]

    /// What is said of a namespace.
    public static func provider(_ namespace: String, subscription: String) -> JSON {
        [
            "id": .string("/subscriptions/\(subscription)/providers/\(namespace)"),
            "namespace": .string(namespace), "registrationState": "Registered",
            "registrationPolicy": "RegistrationRequired", "resourceTypes": [],
        ]
    }
}
