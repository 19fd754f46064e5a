internal import Sluice

/// `sluice ls --ids`: what is known of objects without any key.
extension ListCommand {
    private struct IDDocument: Encodable {
        let id: String
        let byteCount: Int
        let storedByteCount: Int
        let keyIdentifier: KeyIdentifier

        init(_ entry: ObjectIDEntry) {
            id = entry.id.description
            byteCount = entry.byteCount
            storedByteCount = entry.storedByteCount
            keyIdentifier = entry.keyIdentifier
        }
    }

    func listIDs() throws {
        try global.session.read { store in
            var last: ObjectIDEntry?
            repeat {
                let page = try store.objectIDs(
                    in: global.scopeName, after: last, limit: Self.idPageCount)
                let next = page.count < Self.idPageCount ? nil : page.last
                try global.output.write(
                    global.isJSON
                        ? jsonLines(
                            page.map { JSONText.compact(IDDocument($0)) }, isFirst: last == nil,
                            isLast: next == nil)
                        : text(page))
                last = next
            } while last != nil
        }
    }

    private func text(_ page: [ObjectIDEntry]) -> String {
        guard long else { return page.map { "\($0.id)\n" }.joined() }
        var table = Table(.left, .right, .left)
        for entry in page {
            table.append([
                entry.id.description, Quantity.bytes(entry.byteCount),
                entry.keyIdentifier.description,
            ])
        }
        return table.text
    }

    /// Entries of a page.
    private static let idPageCount = 10_000
}
