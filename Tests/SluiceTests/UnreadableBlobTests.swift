import Foundation
import Sluice
import TestSupport
import Testing

/// Blobs that are there and can't be read: neither damage nor soundness, and nothing that others suffer for.
@Suite struct UnreadableBlobTests {
    /// What stands in the place of a blob. (A disk that fails is for the tortures.)
    enum Obstacle: CaseIterable {
        case directory, link, pipe, shardLink
    }

    /// A home with objects 0 to 4, of which 0 can't be read, 3 is damaged and 4 has lost its blob.
    private func makeHome(_ obstacle: Obstacle) throws -> TestHome {
        let home = try TestHome()
        let tags = try home.withStore { store throws in
            try (0..<5).map { index in
                try store.put(
                    patternedBytes(70_000, seed: UInt64(index)), as: ObjectName("\(index)"),
                    options: .with()
                ).id
            }
        }
        let files = FileManager.default
        let paths = tags.map { home.directory.path(TestHome.blobPath($0)) }
        let shard = (paths[0] as NSString).deletingLastPathComponent
        switch obstacle {
        case .shardLink:
            // Others may be in it.
            try files.moveItem(atPath: shard, toPath: home.directory.path("shard"))
            try files.createSymbolicLink(
                atPath: shard, withDestinationPath: home.directory.path("shard"))
            return home
        case .directory, .link, .pipe:
            try files.removeItem(atPath: paths[0])
        }
        switch obstacle {
        case .directory:
            try files.createDirectory(atPath: paths[0], withIntermediateDirectories: false)
        case .link: try files.createSymbolicLink(atPath: paths[0], withDestinationPath: paths[1])
        default: try makePipe(paths[0])
        }
        var sealed = try home.directory.read(TestHome.blobPath(tags[3]))
        sealed[5000] ^= 1
        try Data(sealed).write(to: URL(fileURLWithPath: paths[3]))
        try files.removeItem(atPath: paths[4])
        return home
    }

    @Test(arguments: Obstacle.allCases)
    func `a verification goes on behind one, and says what else there is`(
        obstacle: Obstacle
    ) throws {
        let home = try makeHome(obstacle)
        try home.withStore { store throws in
            let report = try store.verify()
            #expect(report.objectCount == 5)
            #expect(report.unverified.allSatisfy { $0.refusal?.code == .inputOutput })
            #expect(report.unverified.contains { $0.subject == "0" })
            let keyless = try store.verifyWithoutKeys()
            #expect(keyless.objectCount == 5)
            #expect(!keyless.unverified.isEmpty)
            guard obstacle != .shardLink else { return }
            #expect(report.unverified.count == 1)
            #expect(report.damage.map(\.subject).sorted() == ["3", "4"])
            #expect(keyless.unverified.count == 1)
            #expect(keyless.damage.count == 1)
        }
    }

    @Test(arguments: Obstacle.allCases)
    func `a repair leaves it, and repairs what is behind`(obstacle: Obstacle) throws {
        let home = try makeHome(obstacle)
        for withKeys in [false, true] {
            let report = try Store.repair(home.location, options: .fast(), withKeys: withKeys)
            #expect(report.findings.contains { $0.outcome == .left })
        }
        try home.withStore { store throws in
            let names = try store.list().entries.map(\.name.description)
            #expect(names.contains("0"))
            if obstacle != .shardLink { #expect(names == ["0", "1", "2"]) }
            let read = failure { try store.get("0") }
            #expect(read == .inputOutput)
        }
    }

    @Test func `a lost+found that is none is no matter for what doesn't need it`() throws {
        let home = try TestHome()
        _ = try home.withStore { store throws in try store.put([1], as: "o") }
        try home.directory.link("store/lost+found", to: home.directory.path)
        try home.withStore { store throws in
            #expect(try store.verify().findings == [])
            #expect(try store.verifyWithoutKeys().findings == [])
            #expect(try store.status().lostAndFound == nil)
        }
    }
}
