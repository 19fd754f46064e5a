internal import BenchKit
internal import SluiceNative

extension Fingerprint {
    /// The machine and the libraries that are loaded; `path` is where is measured.
    static func withLibraries(measuringIn path: String) throws -> Fingerprint {
        let crypto = try CryptoLibrary.load(requireFIPS: false).description
        var software = [
            "libcrypto": crypto.version,
            "libcrypto file": crypto.path ?? "unknown",
            "libcrypto providers": crypto.providers.joined(separator: " "),
            "LZ4": LZ4.version,
            "SQLite": Connection.version,
            "Swift compiler": compiler,
            "build": isDebug ? "debug" : "release",
            "compile flags": Checkout.compileFlags() ?? "unknown",
        ]
        for (name, version) in Checkout.resolvedVersions() { software["package \(name)"] = version }
        software["swift on the PATH"] = try? Subprocess(named: "swiftc").firstLine(["--version"])
        var subject: [String: String] = [:]
        subject["commit"] = commit()
        return .current(
            fileSystem: try FileSystem.kind(path).name, software: software, subject: subject)
    }

    /// The version that compiled this, as far as the language tells.
    private static var compiler: String {
        #if compiler(>=6.4)
        "6.4 or later"
        #elseif compiler(>=6.3)
        "6.3"
        #else
        "6.2"
        #endif
    }

    private static var isDebug: Bool {
        #if DEBUG
        true
        #else
        false
        #endif
    }

    /// The commit of the checkout that the command is in, or that it was started in.
    private static func commit() -> String? {
        for directory in [try? Checkout.ownDirectory(), "."].compactMap({ $0 }) {
            guard let git = try? Subprocess(named: "git"),
                let commit = try? git.firstLine(["-C", directory, "rev-parse", "HEAD"])
            else { continue }
            let changes = try? git.firstLine([
                "-C", directory, "status", "--porcelain", "--untracked-files=no",
            ])
            return commit + (changes?.isEmpty == false ? " with changes" : "")
        }
        return nil
    }
}
