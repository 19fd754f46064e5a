internal import Sluice

/// What a put has stored, or in a dry run would.
struct PutResult: Encodable {
    /// What became of a directory; its objects are not told one by one.
    private struct Tree: Encodable {
        let path: String
        let document: TreeDocument

        private enum CodingKeys: String, CodingKey { case path }

        func encode(to encoder: any Encoder) throws {
            try document.encode(to: encoder)
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(path, forKey: .path)
        }
    }

    private let isDryRun: Bool
    private var objectCount = 0
    private var byteCount = 0
    /// Those that were named one by one.
    private var objects: [ObjectDocument] = []
    private var trees: [Tree] = []
    /// Those that would be put, besides what is in trees.
    private var planned: [String] = []

    init(isDryRun: Bool) {
        self.isDryRun = isDryRun
    }

    private enum CodingKeys: String, CodingKey {
        case isDryRun, objectCount, byteCount, objects, trees, planned
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(isDryRun, forKey: .isDryRun)
        try container.encode(objectCount, forKey: .objectCount)
        try container.encode(byteCount, forKey: .byteCount)
        // An empty list beside trees would say that nothing was put.
        if !objects.isEmpty || trees.isEmpty { try container.encode(objects, forKey: .objects) }
        if !planned.isEmpty { try container.encode(planned, forKey: .planned) }
        if !trees.isEmpty { try container.encode(trees, forKey: .trees) }
    }

    mutating func append(_ info: ObjectInfo) {
        objectCount += 1
        byteCount += info.byteCount
        objects.append(ObjectDocument(info))
    }

    mutating func append(planned name: ObjectName) {
        objectCount += 1
        planned.append(name.description)
    }

    mutating func append(_ report: TreeReport, path: String) {
        objectCount += report.objectCount
        byteCount += report.byteCount
        trees.append(Tree(path: path, document: TreeDocument(report, isDryRun: isDryRun)))
    }

    func text(_ output: Output) -> String {
        let objectLines = objects.map { object in
            let stored =
                object.isCompressed
                ? ", \(Quantity.bytes(object.storedByteCount)) stored" : ""
            return
                "put \(output.shown(object.name)) (\(Quantity.bytes(object.byteCount))\(stored))\n"
        }
        let plannedLines = planned.map { "would put \(output.shown($0))\n" }
        let treeLines = trees.map { tree in
            tree.document.text("put", "put", output.shown(tree.path), output)
        }
        return (objectLines + plannedLines + treeLines).joined()
    }
}
