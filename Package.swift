// swift-tools-version: 6.2
import PackageDescription

/// Every target of ours is compiled in the strictest mode the toolchain has.
let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .strictMemorySafety(),
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

// A program that embeds Sluice and takes it with `traits: []` neither fetches nor builds what only the
// commands need.
let argumentParser: Target.Dependency = .product(
    name: "ArgumentParser", package: "swift-argument-parser",
    condition: .when(traits: ["Commands"]))

// Nor what only the service needs.
func networking(_ product: String, _ package: String = "swift-nio") -> Target.Dependency {
    .product(name: product, package: package, condition: .when(traits: ["Service"]))
}

let package = Package(
    name: "sluice",
    products: [
        .library(name: "Sluice", targets: ["Sluice"]),
        .library(name: "SluiceServer", targets: ["SluiceServer"]),
        .library(name: "BenchKit", targets: ["BenchKit"]),
        .executable(name: "sluice", targets: ["SluiceCLI"]),
        .executable(name: "sluice-server", targets: ["SluiceServerCommand"]),
        .executable(name: "sluice-bench", targets: ["SluiceBench"]),
        // Nothing for others: what tests preload into processes of theirs.
        .library(name: "CallShim", type: .dynamic, targets: ["CallShim"]),
    ],
    traits: [
        .default(enabledTraits: ["Commands", "Bench"]),
        .trait(name: "Commands", description: "The commands sluice and sluice-bench."),
        .trait(name: "Bench", description: "BenchKit, and what measures with it."),
        .trait(name: "Service", description: "SluiceServer and the command sluice-server."),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
        .package(url: "https://github.com/apple/swift-numerics", from: "1.1.0"),
        .package(url: "https://github.com/HdrHistogram/hdrhistogram-swift", from: "0.2.0"),
        .package(
            url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    ],
    targets: [
        // System libraries: module maps and shim headers, nothing else.
        .systemLibrary(
            name: "COpenSSL", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
        .systemLibrary(name: "CLZ4", pkgConfig: "liblz4", providers: [.apt(["liblz4-dev"])]),
        .systemLibrary(
            name: "CSQLite", pkgConfig: "sqlite3", providers: [.apt(["libsqlite3-dev"])]),
        .systemLibrary(name: "CLinux"),

        .target(name: "SluiceFormat", swiftSettings: strict),
        .target(
            name: "SluiceNative",
            dependencies: [
                "COpenSSL", "CLZ4", "CSQLite",
                .target(name: "CLinux", condition: .when(platforms: [.linux])),
            ],
            swiftSettings: strict),
        .target(name: "SluiceAccess", dependencies: ["SluiceNative"], swiftSettings: strict),
        .target(
            name: "SluiceVault", dependencies: ["SluiceAccess", "SluiceNative"],
            swiftSettings: strict),
        .target(
            name: "SluiceEngine",
            dependencies: [
                "SluiceFormat", "SluiceNative", "SluiceAccess",
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: strict),
        .target(
            name: "Sluice",
            dependencies: ["SluiceEngine", "SluiceAccess", "SluiceVault", "SluiceNative"],
            swiftSettings: strict),
        // The service: wire shapes; resources and their rules; and what listens. The order is the order in
        // which they know each other.
        .target(
            name: "SluiceREST", dependencies: ["SluiceAccess", "SluiceVault", "SluiceNative"],
            swiftSettings: strict),
        .target(
            name: "SluiceControl",
            dependencies: ["Sluice", "SluiceAccess", "SluiceNative", "SluiceREST"],
            swiftSettings: strict),
        .target(
            name: "SluiceServer",
            dependencies: [
                "Sluice", "SluiceAccess", "SluiceNative", "SluiceREST", "SluiceControl",
                networking("NIOCore"), networking("NIOPosix"),
                networking("NIOSSL", "swift-nio-ssl"),
                networking("ServiceLifecycle", "swift-service-lifecycle"),
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: strict),
        .executableTarget(
            name: "SluiceServerCommand",
            dependencies: [
                "SluiceServer", "Sluice", "SluiceNative", argumentParser,
                networking("ServiceLifecycle", "swift-service-lifecycle"),
                networking("UnixSignals", "swift-service-lifecycle"),
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: strict),
        .executableTarget(
            name: "SluiceCLI", dependencies: ["Sluice", "SluiceNative", argumentParser],
            swiftSettings: strict),

        .target(
            name: "BenchKit",
            dependencies: [
                .product(
                    name: "Histogram", package: "hdrhistogram-swift",
                    condition: .when(traits: ["Bench"])),
                .product(
                    name: "RealModule", package: "swift-numerics",
                    condition: .when(traits: ["Bench"])),
            ],
            path: "Bench/BenchKit", swiftSettings: strict),
        .executableTarget(
            name: "SluiceBench",
            dependencies: ["BenchKit", "Sluice", "SluiceNative", argumentParser],
            path: "Bench/SluiceBench", swiftSettings: strict),

        .target(
            name: "TestSupport",
            dependencies: [
                "Sluice", "SluiceEngine", "SluiceNative", "SluiceAccess", "SluiceVault",
                "ProcessCalls",
            ],
            path: "Tests/TestSupport", swiftSettings: strict),
        // What tests of the read barrier and of sweeps run, stop and kill.
        .executableTarget(
            name: "BarrierProbe",
            dependencies: ["Sluice", "SluiceAccess", "SluiceVault", "SluiceNative", "TestSupport"],
            path: "Tests/BarrierProbe", swiftSettings: strict),
        // Records the system calls of a process, or has them fail.
        .target(
            name: "CallShim", path: "Tests/CallShim",
            cSettings: [.treatAllWarnings(as: .error)], swiftSettings: strict),
        // What the tests do to a store at a small size, and `scripts/torture` at full size.
        .target(
            name: "TortureKit",
            dependencies: [
                "Sluice", "SluiceEngine", "SluiceFormat", "SluiceNative", "SluiceAccess",
                "SluiceVault", "SluiceREST", "TestSupport", "ProcessCalls",
            ],
            path: "Tests/TortureKit", swiftSettings: strict),
        // Forks, and runs libFuzzer; in C, since no Swift outside SluiceNative may.
        .target(
            name: "ProcessCalls", path: "Tests/ProcessCalls",
            cSettings: [.treatAllWarnings(as: .error)], swiftSettings: strict),
        // Notes the keys and nonces that a program gives OpenSSL; in C, to stand in its place.
        .target(name: "SealRecorder", path: "Tests/SealRecorder", swiftSettings: strict),
        // What a call has left in the processor's vector registers; in C, to see them.
        .target(name: "VectorRegisters", path: "Tests/VectorRegisters", swiftSettings: strict),
        .executableTarget(
            name: "Torture", dependencies: ["TortureKit", "TestSupport", "SealRecorder"],
            path: "Tests/Torture", swiftSettings: strict),
        .testTarget(
            name: "TortureTests", dependencies: ["TortureKit", "TestSupport", "Torture"],
            swiftSettings: strict),
        .testTarget(
            name: "SluiceFormatTests", dependencies: ["SluiceFormat"], swiftSettings: strict),
        .testTarget(
            name: "SluiceNativeTests",
            dependencies: ["SluiceNative", "TestSupport", "VectorRegisters"],
            swiftSettings: strict),
        .testTarget(
            name: "SluiceAccessTests",
            dependencies: ["SluiceAccess", "SluiceNative", "TestSupport", "BarrierProbe"],
            swiftSettings: strict),
        .testTarget(
            name: "SluiceVaultTests",
            dependencies: [
                "SluiceAccess", "SluiceVault", "SluiceNative", "TestSupport", "BarrierProbe",
            ],
            swiftSettings: strict),
        .testTarget(
            name: "SluiceRESTTests",
            dependencies: [
                "SluiceREST", "SluiceAccess", "SluiceVault", "SluiceNative", "TestSupport",
            ],
            swiftSettings: strict),
        .testTarget(
            name: "SluiceTests",
            dependencies: [
                "Sluice", "SluiceEngine", "SluiceFormat", "SluiceNative", "SluiceAccess",
                "SluiceVault", "TestSupport",
                "BarrierProbe",
            ],
            swiftSettings: strict),
        .testTarget(
            name: "SluiceControlTests",
            dependencies: [
                "SluiceControl", "SluiceREST", "SluiceAccess", "Sluice", "SluiceNative",
                "TestSupport",
            ],
            swiftSettings: strict),
        .testTarget(
            name: "SluiceServerTests",
            dependencies: [
                "SluiceServer", "SluiceREST", "SluiceControl", "Sluice", "SluiceNative",
                "SluiceServerCommand", "SluiceCLI", "TestSupport",
                networking("NIOSSL", "swift-nio-ssl"),
            ],
            swiftSettings: strict),
        .testTarget(
            name: "SluiceCLITests",
            dependencies: ["SluiceCLI", "TestSupport", "BarrierProbe", argumentParser],
            swiftSettings: strict),
        .testTarget(name: "BenchKitTests", dependencies: ["BenchKit"], swiftSettings: strict),
        .testTarget(
            name: "SluiceBenchTests", dependencies: ["SluiceBench", "BenchKit"],
            swiftSettings: strict),
    ]
)
