internal import SluiceAccess
internal import SluiceFormat
internal import SluiceNative

/// How files with several names are put: their objects share one blob, and say that they are one file.
extension PutBatch {
    /// Completes what is noted of a file that has several names, when it is put by one of them: it is what was noted by
    /// the first, if the file hasn't changed since then. The first is returned; nil if this is it, or takes its place.
    mutating func noteLink(
        _ source: OpenFile, _ file: inout FileProperties, _ name: ObjectName
    ) throws(StoreError) -> LinkedPuts.First? {
        let known = links.first(of: source.status.identity)
        if let known, known.name != name, known.isStill(source.status) {
            file = known.file
            return known
        }
        file.link = known?.file.link
        if file.link == nil { file.link = try storedLink(of: source.status, name) }
        links.note(LinkedPuts.First(name: name, status: source.status, file: file))
        return nil
    }

    /// The number by which the store knows a file, or a new one.
    private func storedLink(
        of status: FileStatus, _ name: ObjectName
    ) throws(StoreError) -> [UInt8] {
        let stored = try putter.storedFiles.file(of: name, in: scopes)?.link
        return stored.flatMap { status.hasLink($0) ? $0 : nil } ?? status.link
    }

    /// Whether an object that is stored as it is has its bytes in the blob of another, as far as they are in a blob.
    func sharesBytes(_ first: LinkedPuts.First, _ plan: PutPlan) throws(StoreError) -> Bool {
        guard try isInBlob(first, plan) else { return true }
        do throws(StoreError) {
            let places = try [first.name, plan.name].map { name throws(StoreError) in
                try putter.contents.withContent(of: name, in: scopes.names.record.name) {
                    content throws(StoreError) in
                    try putter.contents.extents(of: content)?.map(\.entry)
                }
            }
            return places[0] == places[1]
        } catch {
            // Who can't read can't share, either.
            guard Self.isNoSource(error) else { throw error }
            return error.code == .accessDenied
        }
    }

    /// Puts another name of a file, whose object shares the bytes of the first; nil if that isn't as it was put any
    /// more, or can't be read.
    func share(
        _ first: LinkedPuts.First, _ plan: PutPlan
    ) throws(StoreError) -> ObjectInfo? {
        guard try isInBlob(first, plan) else { return nil }
        do throws(StoreError) {
            return try putter.contents.withContent(
                of: first.name, in: scopes.names.record.name
            ) { content throws(StoreError) -> ObjectInfo? in
                let stored = try content.object.file()
                guard content.object.row.byteCount == first.status.byteCount,
                    stored?.isSame(as: first.file, comparingAttributes: tree.keepsAttributes)
                        == true
                else { return nil }
                var plan = plan
                plan.needs = content.object.needs
                return try putter.copier.share(content, as: plan) { scopes }
            }
        } catch {
            guard Self.isNoSource(error) else { throw error }
            return nil
        }
    }

    private func isInBlob(
        _ first: LinkedPuts.First, _ plan: PutPlan
    ) throws(StoreError) -> Bool {
        try plan.layout(byteCount: first.status.byteCount).rawStoredByteCount
            > ObjectSealer.inlineByteCountLimit
    }

    /// Whether an error says that the first name's object can't be made another of.
    private static func isNoSource(_ error: StoreError) -> Bool {
        switch error.code {
        case .notFound, .integrity, .accessDenied, .extentsMoved, .keyMismatch: true
        default: false
        }
    }
}
