internal import FoundationEssentials
internal import SluiceNative

/// The checkout that the command was built in, or that it was started in.
enum Checkout {
    /// The path of a file of the checkout; nothing if there is none.
    static func path(of file: String) -> String? {
        let starts = [try? FileSystem.realPath("/proc/self/exe"), try? FileSystem.realPath(".")]
        for case .some(var directory) in starts {
            while true {
                let path = "\(directory)/\(file)"
                if (try? FileSystem.exists(path)) == true { return path }
                guard let slash = directory.lastIndex(of: "/") else { break }
                directory = String(directory[..<slash])
            }
        }
        return nil
    }

    /// The directory that this command is in.
    static func ownDirectory() throws -> String {
        let own = try FileSystem.realPath("/proc/self/exe")
        return String(own[..<(own.lastIndex(of: "/") ?? own.startIndex)])
    }

    /// The versions of the packages that SwiftPM resolved, by name.
    static func resolvedVersions() -> [String: String] {
        struct Resolved: Decodable {
            struct Pin: Decodable {
                struct State: Decodable {
                    var version: String?
                    var revision: String
                }
                var identity: String
                var state: State
            }
            var pins: [Pin]
        }
        guard let path = path(of: "Package.resolved"),
            let data = try? Data(contentsOf: URL(filePath: path)),
            let resolved = try? JSONDecoder().decode(Resolved.self, from: data)
        else { return [:] }
        return Dictionary(
            resolved.pins.map { ($0.identity, $0.state.version ?? $0.state.revision) },
            uniquingKeysWith: { first, _ in first })
    }

    /// The flags with which SwiftPM compiles the module that calls OpenSSL, as far as its code depends
    /// on them, from the plan beside the command; nothing when the command has been moved away from it.
    static func compileFlags() -> String? {
        guard let own = try? ownDirectory() else { return nil }
        let parts = own.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count > 2, let configuration = parts.last else { return nil }
        let build = parts.dropLast(2).joined(separator: "/")
        guard let data = try? Data(contentsOf: URL(filePath: "\(build)/\(configuration).yaml"))
        else { return nil }
        return compileFlags(plan: String(decoding: data, as: UTF8.self), module: "SluiceNative")
    }

    /// Those of a module in a plan of SwiftPM's.
    static func compileFlags(plan: String, module: String) -> String? {
        let lines = plan.split(separator: "\n")
        let title = "description: \"Compiling Swift Module '\(module)' "
        guard
            let index = lines.firstIndex(where: { $0.drop { $0 == " " }.hasPrefix(title) }),
            let line = lines[index...].first(where: { $0.drop { $0 == " " }.hasPrefix("args: [") }),
            let start = line.firstIndex(of: "[")
        else { return nil }
        let all = line[line.index(after: start)...].dropLast().split(separator: ",").map {
            $0.drop { $0 == "\"" }.prefix { $0 != "\"" }
        }
        return CompileFlags.affectingCode(in: Array(all.drop { $0 != "-target" }))
            .joined(separator: " ")
    }
}
