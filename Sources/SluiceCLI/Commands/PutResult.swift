internal import Sluice

/// What a put has stored.
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

    private var objectCount = 0
    private var byteCount = 0
    /// Those that were named one by one.
    private var objects: [ObjectDocument] = []
    private var trees: [Tree] = []

    private enum CodingKeys: String, CodingKey {
        case objectCount, byteCount, objects, trees
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(objectCount, forKey: .objectCount)
        try container.encode(byteCount, forKey: .byteCount)
        // An empty list beside trees would say that nothing was put.
        if !objects.isEmpty || trees.isEmpty { try container.encode(objects, forKey: .objects) }
        if !trees.isEmpty { try container.encode(trees, forKey: .trees) }
    }

    mutating func append(_ info: ObjectInfo) {
        objectCount += 1
        byteCount += info.byteCount
        objects.append(ObjectDocument(info))
    }

    mutating func append(_ report: TreeReport, path: String) {
        objectCount += report.objectCount
        byteCount += report.byteCount
        trees.append(Tree(path: path, document: TreeDocument(report)))
    }

    func text(_ output: Output) -> String {
        let objectLines = objects.map { object in
            let stored =
                object.isCompressed
                ? ", \(Quantity.bytes(object.storedByteCount)) stored" : ""
            return
                "put \(output.shown(object.name)) (\(Quantity.bytes(object.byteCount))\(stored))\n"
        }
        let treeLines = trees.map { tree in
            "put \(output.shown(tree.path)): \(tree.document.summary)\n"
        }
        return (objectLines + treeLines).joined()
    }
}
