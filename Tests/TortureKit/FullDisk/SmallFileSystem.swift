internal import Foundation
internal import SluiceNative

/// A small file system of a torture's own, filled and emptied at will.
///
/// It is mounted in the mount namespace of a process that was started for it, and goes with that.
struct SmallFileSystem {
    /// What may run out on it.
    enum Kind: String, CaseIterable {
        /// Memory, of which 4 KiB pages run out.
        case tmpfs
        /// Memory, with few inodes.
        case tmpfsInodes = "tmpfs-inodes"
        /// A file that is mounted, of which blocks run out.
        case ext4
        /// A file that is mounted, with few inodes.
        case ext4Inodes = "ext4-inodes"

        /// What runs out, for the report.
        var isOfInodes: Bool { self == .tmpfsInodes || self == .ext4Inodes }
    }

    let kind: Kind
    let path: String
    /// One thing that the disk can be full of: a page, or an inode.
    static let pageByteCount = 4096
    private static let byteCount = 48 << 20
    private static let inodeCount = 900

    struct CannotMount: Error {}

    /// Mounts a file system in `directoryPath`. Throws ``CannotMount`` where that isn't permitted, or can't
    /// be had.
    init(_ kind: Kind, in directoryPath: String) throws {
        self.kind = kind
        path = "\(directoryPath)/\(kind.rawValue)"
        try FileSystem.makeDirectories(path)
        switch kind {
        case .tmpfs, .tmpfsInodes:
            let inodes = kind == .tmpfsInodes ? ",nr_inodes=\(Self.inodeCount)" : ""
            try Self.run(
                "mount", "-t", "tmpfs", "-o", "size=\(Self.byteCount)\(inodes)", "none", path)
        case .ext4, .ext4Inodes:
            let image = "\(path).image"
            try File.createExclusively(image).truncate(to: Self.byteCount)
            let inodes = kind == .ext4Inodes ? ["-N", "\(Self.inodeCount)"] : []
            try Self.run(["mkfs.ext4", "-q", "-m", "0"] + inodes + [image])
            try Self.run("mount", "-o", "loop", image, path)
        }
    }

    private static func run(_ command: String...) throws { try run(command) }

    private static func run(_ command: [String]) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = command
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw CannotMount() }
    }

    // MARK: Filling

    private var fillerPath: String { "\(path)/filler" }

    /// Takes all there is but `count` pages, or inodes.
    func fill(leaving count: Int) throws {
        if kind.isOfInodes {
            try fillInodes(leaving: count)
        } else {
            try fillPages(leaving: count)
        }
    }

    /// Gives all of it back.
    func empty() throws {
        if try FileSystem.exists(fillerPath) { try FileSystem.remove(tree: fillerPath) }
    }

    private func fillPages(leaving count: Int) throws {
        let filler = try Directory.open(path).openOrCreateFile("filler")
        // What is freed behind one's back (a blob, SQLite's files) is taken on the next round.
        for _ in 0..<4 {
            let free = try FileSystem.kind(path).freeByteCount
            let excess = free - count * Self.pageByteCount
            guard excess >= Self.pageByteCount else { return }
            let size = try filler.status().byteCount
            do {
                try filler.preallocate(
                    byteCount: size + excess / Self.pageByteCount * Self.pageByteCount)
            } catch {
                // ext4 counts blocks as free that it needs for itself.
                guard error.isNoSpace else { throw error }
                _ = try? filler.preallocate(byteCount: size + excess / 2)
            }
        }
    }

    private func fillInodes(leaving count: Int) throws {
        let filler = try Directory.open(path).openOrMakeDirectory("filler")
        let first = try filler.names().count
        var made = 0
        while made < Self.inodeCount * 2 {
            do {
                _ = try filler.createExclusively("\(first + made)")
                made += 1
            } catch {
                guard error.isNoSpace else { throw error }
                break
            }
        }
        for index in 0..<min(count, made) { try filler.unlink("\(first + made - 1 - index)") }
    }
}
