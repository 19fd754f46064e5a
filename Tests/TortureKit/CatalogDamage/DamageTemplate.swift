internal import Foundation
internal import Sluice
internal import SluiceNative
internal import TestSupport

/// A home to be damaged: what was put under each name, and its files while they were at rest and while
/// a store had them open, with what is committed still in the logs.
struct DamageTemplate {
    /// A home as it was at one instant.
    struct State {
        /// Every version that was once put under a name, the newest last; the scope is the first part.
        let versions: [String: [[UInt8]]]
        let tree: FileTree
    }

    private(set) var states: [State] = []
    private var versions: [String: [[UInt8]]] = [:]

    static let scopes = ["default", "other"]

    init(_ path: String) throws {
        var options = StoreOptions()
        options.durability = .none
        options.workerCount = 1
        let store = try Store.open(StoreLocation(home: path), options: options)
        let other: ScopeName = "other"
        try store.createScope(other)
        for index in 0..<24 {
            try put(index, 300 + 173 * index, "default", store)
            if index % 3 == 0 { try put(index, 300 + 173 * index, "other", store) }
        }
        try put(100, 70_000, "default", store)
        try put(101, 90_000, "default", store)
        for index in 0..<3 {
            try store.remove(ObjectName("dir 0/object \(index * 4)"))
            versions["default/dir 0/object \(index * 4)"] = nil
        }
        try store.pin("dir 1/object 1")
        // Blobs of what was replaced are gone by then.
        while try store.status().garbageCount > 0 { Thread.sleep(forTimeInterval: 0.01) }
        try store.close()
        let again = try Store.open(StoreLocation(home: path), options: options)
        defer { try? again.close() }
        states.append(State(versions: versions, tree: try Self.tree(path)))
        // What comes now is in the logs alone.
        for index in 0..<6 { try put(index * 4 + 1, 500, "default", again) }
        for index in 30..<36 { try put(index, 2000, "default", again) }
        try put(102, 80_000, "default", again)
        states.append(State(versions: versions, tree: try Self.tree(path)))
    }

    private static func tree(_ path: String) throws -> FileTree {
        var tree = try FileTree(path)
        tree.trim()
        return tree
    }

    private mutating func put(
        _ index: Int, _ byteCount: Int, _ scope: String, _ store: Store
    ) throws {
        let name = "dir \(index % 4)/object \(index)"
        let key = "\(scope)/\(name)"
        let seed = UInt64(index * 1000 + (versions[key]?.count ?? 0) + (scope == "other" ? 500 : 0))
        let bytes =
            index % 2 == 0
            ? patternedBytes(byteCount, seed: seed) : linedText(byteCount, seed: seed)
        var options = PutOptions()
        options.chunkByteCount = 4096
        if index % 5 == 2, scope == "default" { options.encryptionScope = "other" }
        try store.put(bytes, as: ObjectName(name), in: ScopeName(scope), options: options)
        versions[key, default: []].append(bytes)
    }
}
