internal import Foundation
internal import Sluice
internal import SluiceNative
internal import TestSupport

/// One home, made and used by processes that are looked through.
struct SecretTrial {
    let plan: TorturePlan
    let number: Int
    let home: SecretHome
    let library: CryptoLibrary
    var report = TortureReport()

    private var keys: [Secret] = []
    private var contents: [Secret] = []

    init(plan: TorturePlan, number: Int, home: SecretHome, library: CryptoLibrary) {
        self.plan = plan
        self.number = number
        self.home = home
        self.library = library
    }

    /// What SECURITY.md says of a process's ordinary memory.
    private enum Allowed {
        /// As long as the caller keeps it, and a while longer.
        static let always: Set<Secret.Kind> = [.smallContent, .name, .metadata]
        /// In a process that was never given metadata.
        static let reading: Set<Secret.Kind> = [.smallContent, .name]
        /// What OpenSSL's contexts hold while the store is open.
        static let open = always.union([.privateKey, .contextKey])
        /// What OpenSSL leaves of a key that it has read.
        static let imported = always.union([.privateKey])
    }

    mutating func run() throws {
        try prepare()
        try make()
        try read()
        try use()
    }

    // MARK: Processes

    private mutating func make() throws {
        let process = try start("make")
        try look("made", process, allowed: Allowed.imported)
        let result = try process.wait()
        lookInOutput(result, after: "making")
        if result.exitCode != 0 { fail("making ended with \(result.exitCode)") }
    }

    /// Takes access away in the midst of reads.
    private mutating func read() throws {
        let pipe = try Process.run(
            URL(fileURLWithPath: "/usr/bin/mkfifo"), arguments: ["\(home.directoryPath)/pipe"])
        pipe.waitUntilExit()
        let process = try start("read")
        do {
            let stops = Stops(directoryPath: home.directoryPath)
            try stops.meet("reading", process)
            keys += try home.keys(library)
            lookForReads(process)
            let restore = try revoke(
                process, at: "reading", allowed: Allowed.reading.union([.rootKey]))
            try restore()
            let result = try process.wait()
            lookInOutput(result, after: "reading")
            if result.exitCode != 0 { fail("reading ended with \(result.exitCode)") }
        } catch {
            process.send(SIGKILL)
            fail("read ended with \(error): \(try process.wait().errorText)")
        }
    }

    /// What is to be gone is there before: else the search itself, or the reading, is broken.
    private mutating func lookForReads(_ process: RunningCommand) {
        process.send(SIGSTOP)
        defer { process.send(SIGCONT) }
        guard
            let image = try? ProcessImage(processID: process.processID).find(
                SecretSearch(keys + contents))
        else { return fail("a process that reads can't be looked through") }
        let found = image.dumped.merging(image.undumped, uniquingKeysWith: +)
        for kind in [.content, .metadata, .objectKey, .scopeKey] as [Secret.Kind]
        where found[kind] == nil {
            fail("\(kind.rawValue) isn't found in the midst of reads")
        }
    }

    private mutating func use() throws {
        let process = try start("use")
        do {
            try use(process)
        } catch {
            process.send(SIGKILL)
            fail("use ended with \(error): \(try process.wait().errorText)")
        }
    }

    private mutating func use(_ process: RunningCommand) throws {
        try meet("putting", process) { trial, _ throws in
            let staged = try FileManager.default.contentsOfDirectory(
                atPath: "\(trial.home.location.store)/staging")
            if staged.isEmpty { trial.fail("nothing is staged in the midst of a put") }
        }
        try look("open", process, allowed: Allowed.open, isOpen: true)
        try look("closed", process, allowed: Allowed.always)
        try look("reopened", process, allowed: Allowed.open, isOpen: true)
        let restore = try revoke(
            process, at: "revoked", allowed: Allowed.always.union([.rootKey]))
        try look("refused", process, allowed: Allowed.always.union([.rootKey]))
        try restore()
        try look("closed again", process, allowed: Allowed.always)
        try dump(process)
    }

    /// Takes access away while the process has its store open, and looks 100 ms later.
    private mutating func revoke(
        _ process: RunningCommand, at place: String, allowed: Set<Secret.Kind>
    ) throws -> () throws -> Void {
        let stops = Stops(directoryPath: home.directoryPath)
        try stops.meet(place, process)
        let store = try home.identity()
        try withVaults { vaults in try revoke(store, vaults) }
        Thread.sleep(forTimeInterval: 0.1)
        let search = SecretSearch(keys + contents)
        for attempt in 0... {
            process.send(SIGSTOP)
            let findings = try ProcessImage(processID: process.processID).find(search)
            process.send(SIGCONT)
            let found = findings.dumped.merging(findings.undumped, uniquingKeysWith: +)
            let excess = Set(found.keys).subtracting(allowed)
            if excess.isEmpty {
                report.count("wiped within 100 ms of the barrier", attempt == 0 ? 1 : 0)
                break
            }
            // A busy machine may let the process wait before it wipes.
            guard attempt < 20 else {
                fail("after the revocation its memory holds \(Self.list(found, excess))")
                break
            }
            Thread.sleep(forTimeInterval: 0.5)
        }
        try stops.release(place)
        return { [self] in try withVaults { vaults in try restore(store, vaults) } }
    }

    /// Opens the vaults for one change. Not for longer: files are looked through meanwhile, and to close one
    /// that SQLite has open in the same process gives up the locks that SQLite has on it.
    private func withVaults(_ body: (VaultDirectory) throws -> Void) throws {
        let vaults = try VaultDirectory.open(
            path: home.location.vaults, rootKey: home.rootKey(), library: library)
        defer { vaults.close() }
        try body(vaults)
    }

    private func revoke(_ store: Identity, _ vaults: VaultDirectory) throws {
        switch number % 3 {
        case 0: _ = try vaults.acting(as: .owner).setIdentity(store, isEnabled: false)
        case 1:
            _ = try vaults.acting(as: .owner).deleteAccessPolicy(
                vault: SecretHome.vault, for: store)
        default: _ = try vaults.acting(as: .owner).deleteKey(Self.key())
        }
    }

    private func restore(_ store: Identity, _ vaults: VaultDirectory) throws {
        switch number % 3 {
        case 0: _ = try vaults.acting(as: .owner).setIdentity(store, isEnabled: true)
        case 1:
            _ = try vaults.acting(as: .owner).setAccessPolicy(vault: SecretHome.vault, for: store)
        default: _ = try vaults.acting(as: .owner).recoverKey(Self.key())
        }
    }

    private static func key() throws -> KeyIdentifier {
        try KeyIdentifier(vault: SecretHome.vault, name: SecretHome.key)
    }

    /// Has the process dump core, if the machine lets it, and looks through that.
    private mutating func dump(_ process: RunningCommand) throws {
        // A dump takes longer than all the rest. No SIGABRT: who is started by a thread of Dispatch has
        // that blocked.
        let signal = number % 3 == 0 ? SIGSEGV : SIGKILL
        try meet("to be dumped", process) { _, process throws in process.send(signal) }
        let result = try process.wait()
        lookInOutput(result, after: "use")
        if signal == SIGKILL { return }
        let names = try FileManager.default.contentsOfDirectory(atPath: home.directoryPath)
        guard let name = names.first(where: { $0.hasPrefix("core") }) else { return }
        let core = try Data(
            contentsOf: URL(fileURLWithPath: "\(home.directoryPath)/\(name)"))
        var found: [Secret.Kind: Int] = [:]
        let search = SecretSearch(keys + contents)
        for pages in ProcessImage.filledPages(of: core) { search.find(in: pages, into: &found) }
        report.count("core dumps")
        if found[.name] == nil { fail("the core dump has nothing at all") }
        check(found, Allowed.open, "the core dump")
    }

    /// Starts a process that dumps core into its directory when it aborts, if that is allowed.
    private func start(_ role: String) throws -> RunningCommand {
        let torture = plan.child()
        let shell = CommandRunner(
            executable: "/bin/sh",
            environment: [
                "TMPDIR": "\(home.directoryPath)/tmp",
                // The Swift runtime's report of a crash prints what registers point to.
                "SWIFT_BACKTRACE": "enable=no",
            ],
            workingDirectory: home.directoryPath)
        return try shell.start(
            [
                "-c", "ulimit -c unlimited 2>/dev/null; exec \"$0\" \"$@\"", torture.executable,
                "child", SecretsTorture.name, role, home.directoryPath,
            ], input: [])
    }

    // MARK: Looking

    private mutating func meet(
        _ place: String, _ process: RunningCommand,
        _ body: (inout Self, RunningCommand) throws -> Void
    ) throws {
        let stops = Stops(directoryPath: home.directoryPath)
        try stops.meet(place, process)
        keys += try home.keys(library)
        try lookInFiles(place)
        try body(&self, process)
        try stops.release(place)
    }

    /// Looks through files and memory at one of the process's stops.
    private mutating func look(
        _ place: String, _ process: RunningCommand, allowed: Set<Secret.Kind>, isOpen: Bool = false
    ) throws {
        try meet(place, process) { trial, process throws in
            process.send(SIGSTOP)
            defer { process.send(SIGCONT) }
            let search = SecretSearch(trial.keys + trial.contents)
            let findings = try ProcessImage(processID: process.processID).find(search)
            trial.report.count("images of memory")
            trial.report.count("KiB of memory", findings.byteCount >> 10)
            trial.check(findings.dumped, allowed, "memory that a core dump has, \(place),")
            if isOpen {
                // Else the search itself is broken.
                for kind in [.scopeKey, .dataKey, .rootKey] as [Secret.Kind]
                where findings.undumped[kind] == nil {
                    trial.fail("\(kind.rawValue) isn't found where it is (\(place))")
                }
            } else {
                trial.check(findings.undumped, allowed, "memory of the arena, \(place),")
            }
        }
    }

    /// Nothing may be in any file but that of the root key.
    private mutating func lookInFiles(_ place: String) throws {
        let search = SecretSearch(keys + contents)
        let root = URL(fileURLWithPath: home.directoryPath)
        for folder in ["home", "tmp"] {
            let names = FileManager.default.enumerator(atPath: root.path + "/\(folder)")
            for case let name as String in names ?? .init() {
                let path = "\(root.path)/\(folder)/\(name)"
                guard name != "vaults/root.key", Self.isFile(path) else { continue }
                var found: [Secret.Kind: Int] = [:]
                let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
                for pages in ProcessImage.filledPages(of: bytes) {
                    search.find(in: pages, into: &found)
                }
                report.count("files")
                check(found, [], "\(folder)/\(name), \(place),")
            }
        }
    }

    private static func isFile(_ path: String) -> Bool {
        let attributes = try? FileManager.default.attributesOfItem(atPath: path)
        return attributes?[.type] as? FileAttributeType == .typeRegular
    }

    private mutating func lookInOutput(_ result: CommandResult, after what: String) {
        var found: [Secret.Kind: Int] = [:]
        let search = SecretSearch(keys + contents)
        search.find(in: result.output, into: &found)
        search.find(in: Array(result.errorText.utf8), into: &found)
        // Messages name the objects that they are about.
        check(found, [.name], "what was printed after \(what)")
        if result.outputText.contains("not refused") { fail(result.outputText) }
        if !result.errorText.isEmpty { fail("it printed \(result.errorText)") }
    }

    private mutating func check(
        _ found: [Secret.Kind: Int], _ allowed: Set<Secret.Kind>, _ place: String
    ) {
        let excess = Set(found.keys).subtracting(allowed)
        guard !excess.isEmpty else { return }
        fail("\(place) holds \(Self.list(found, excess))")
    }

    private static func list(_ found: [Secret.Kind: Int], _ excess: Set<Secret.Kind>) -> String {
        excess.map { "\($0.rawValue) (\(8 * (found[$0] ?? 0)) bytes)" }.sorted()
            .joined(separator: ", ")
    }

    private mutating func fail(_ what: String) {
        report.fail("run \(number) of seed \(plan.seed): \(what)")
    }
}

// MARK: - What goes in

extension SecretTrial {
    /// Writes what comes from outside: keys, content, names.
    private mutating func prepare() throws {
        for folder in ["in", "out", "tmp", "home"] {
            try FileManager.default.createDirectory(
                atPath: "\(home.directoryPath)/\(folder)", withIntermediateDirectories: true)
        }
        for name in SecretHome.keyFiles {
            try write(Checkout.read("Data/vectors/example/\(name)"), name)
        }
        let random = plan.seed &* 1_000_003 &+ UInt64(number) &* 16
        let canaries = (1...6).map { patternedBytes(16, seed: random &+ $0) }
        // Incompressible around the canaries, and compressible.
        try write(
            Self.content(canaries[0], filler: patternedBytes(300_000, seed: random &+ 7)), "raw")
        try write(Self.content(canaries[1], filler: [UInt8](repeating: 32, count: 500_000)), "text")
        contents = [Secret(.content, canaries[0]), Secret(.content, canaries[1])]
        for (name, kind, canary) in [
            ("small", .smallContent, canaries[2]), ("name", .name, canaries[3]),
            ("metadata", .metadata, canaries[4]),
        ] as [(String, Secret.Kind, [UInt8])] {
            let text = Array(canary.map { String($0, radix: 16) }.joined().utf8)
            try write(text, name)
            contents.append(Secret(kind, text))
        }
        if number % 4 == 3 {
            let text = canaries[5].map { String($0, radix: 16) }.joined()
            try write(Array(text.utf8), "passphrase")
        }
    }

    private func write(_ bytes: [UInt8], _ name: String) throws {
        try Data(bytes).write(to: URL(fileURLWithPath: "\(home.directoryPath)/in/\(name)"))
    }

    /// Content that has a canary every 64 bytes.
    private static func content(_ canary: [UInt8], filler: [UInt8]) -> [UInt8] {
        var content = filler
        for start in stride(from: 0, to: filler.count - 64, by: 64) {
            content.replaceSubrange(start..<start + canary.count, with: canary)
        }
        return content
    }
}
