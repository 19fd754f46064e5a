import Sluice
import SluiceNative
import TestSupport
import Testing

@testable import SluiceEngine

/// A home with objects of every kind, to be damaged.
struct TamperedHome {
    static let raw = patternedBytes(4096 * 20 - 100)
    static let twin = patternedBytes(4096 * 20 - 100, seed: 2)
    /// So many chunks that the table has two pages.
    static let text = textBytes(4096 * 1030 - 100)
    static let small = patternedBytes(5000, seed: 3)
    static let smallText = textBytes(20_000)
    static let leaf = patternedBytes(100, seed: 4)
    static let other = patternedBytes(5000, seed: 5)

    /// Every object: its scope, its name and its bytes.
    static let objects: [(ScopeName, ObjectName, [UInt8])] = [
        ("default", "raw", raw), ("default", "twin", twin), ("default", "text", text),
        ("default", "small", small), ("default", "small text", smallText),
        ("default", "dir/sub/leaf", leaf), ("other", "raw", other),
    ]

    /// Half of the objects have some.
    static func metadata(of name: ObjectName) -> [String: String] {
        name.utf8.count % 2 == 0 ? [:] : ["of": name.description]
    }

    private static let template = Result {
        let home = try TestHome()
        try home.withStore { store throws in
            try store.createScope("other")
            for (scope, name, bytes) in objects {
                let isText = bytes == text || bytes == smallText
                var options = PutOptions.with(isText ? .lz4 : .none)
                options.metadata = metadata(of: name)
                options.properties.contentType = "of/\(name)"
                try store.put(bytes, as: name, in: scope, options: options)
            }
        }
        // The directories that have no blob are not needed, and take most of a copy's time.
        let used = Set(home.files("blobs").map { $0.split(separator: "/")[2] })
        for shard in 0..<256 {
            let name = String(hexadecimal: [UInt8(shard)])
            guard !used.contains(Substring(name)) else { continue }
            try FileSystem.remove(tree: "\(home.store)/blobs/\(name)")
        }
        return home
    }

    let home: TestHome

    init() throws {
        home = try TestHome(copying: Self.template.get())
    }

    /// The path, relative to the home, of an object's blob.
    func blobPath(_ name: ObjectName) throws -> String {
        try home.withStore { store throws in TestHome.blobPath(try store.info(name).id) }
    }

    /// What may be said of something that was tampered with.
    static let verdicts: Set<StoreError.Code> = [.integrity, .damagedCatalog, .wrongVault]

    /// Every get gives the right bytes or a verdict (or, if `mayHide`, finds nothing); listings don't
    /// lie; and a verification says that something is wrong.
    func expectNoticed(
        mayHide: Bool = false, _ what: String, sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        func expectVerdict(_ error: (any Error)?, _ allowed: Set<StoreError.Code>) {
            let code = (error as? StoreError)?.code
            #expect(
                code.map { allowed.contains($0) } == true, "\(what): \(error as Any)",
                sourceLocation: sourceLocation)
        }
        let store: Store
        do {
            store = try home.open()
        } catch {
            expectVerdict(error, Self.verdicts)
            return
        }
        defer { try? store.close() }
        let allowed = mayHide ? Self.verdicts.union([.notFound]) : Self.verdicts
        for (scope, name, bytes) in Self.objects {
            do {
                let got = try store.get(name, in: scope)
                #expect(got == bytes, "\(what): wrong bytes", sourceLocation: sourceLocation)
            } catch {
                expectVerdict(error, allowed)
            }
            do {
                let info = try store.info(name, in: scope)
                #expect(
                    info.name == name && info.byteCount == bytes.count
                        && info.metadata == Self.metadata(of: name)
                        && info.properties.contentType == "of/\(name)"
                        && info.entityTag.description.count == 32,
                    "\(what): wrong info", sourceLocation: sourceLocation)
            } catch {
                expectVerdict(error, allowed)
            }
        }
        for scope in ["default", "other"] as [ScopeName] {
            do {
                for entry in try store.list(in: scope).entries {
                    #expect(
                        Self.objects.contains { $0.0 == scope && $0.1 == entry.name },
                        "\(what): lists \(entry.name)", sourceLocation: sourceLocation)
                }
            } catch {
                expectVerdict(error, allowed)
            }
        }
        do {
            let findings = try store.verify().findings
            #expect(!findings.isEmpty, "\(what): unnoticed", sourceLocation: sourceLocation)
            // In the words of people, who are running a verification already.
            for problem in findings.map(\.problem) {
                #expect(
                    !problem.contains("verify") && !problem.contains("invalidField"),
                    "\(what): \(problem)", sourceLocation: sourceLocation)
            }
        } catch {
            expectVerdict(error, Self.verdicts)
        }
    }

    /// Reading `name` is refused, everything else is as it was, and a verification names it alone.
    func expectDamaged(
        _ name: ObjectName, _ what: String = "", sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        try home.withStore { store throws in
            for (scope, other, bytes) in Self.objects {
                if scope == .default, other == name {
                    #expect(
                        failure { try store.get(name) } == .integrity, "\(what)",
                        sourceLocation: sourceLocation)
                } else {
                    #expect(
                        try store.get(other, in: scope) == bytes, "\(what)",
                        sourceLocation: sourceLocation)
                }
            }
            #expect(
                try store.verify().findings.map(\.subject) == [name.description], "\(what)",
                sourceLocation: sourceLocation)
        }
    }
}
