internal import Sluice
internal import SluiceAccess
internal import SluiceNative
internal import SluiceVault
internal import TestSupport

/// Chunks, blobs and rows cut off, moved and exchanged.
extension EveryBitRound {
    /// Every length that a blob can be cut to, and some that it can be made longer to.
    mutating func truncate(_ object: DamagedObject) throws {
        let path = home.blobPath(object)
        let sealed = try readFile(path)
        let file = try File.open(path, .readWrite)
        for byteCount in Array(0..<sealed.count) + Array(sealed.count + 1...sealed.count + 64) {
            try file.truncate(to: byteCount)
            let outcome = home.read(object, way, released: 0)
            judge("a length of \(byteCount) of \(object.description)", outcome, .refused)
            report.count("lengths")
            if byteCount < sealed.count {
                try file.write(sealed.span.extracting(byteCount...), at: byteCount)
            }
        }
        try file.truncate(to: sealed.count)
    }

    /// Chunks exchanged, repeated, left out and put in, within one blob.
    mutating func moveChunks() throws {
        let object = try home.object("many")
        let sealed = try readFile(home.blobPath(object))
        let size = DamagedHome.sealedChunk
        let count = sealed.count / size
        func chunk(_ index: Int) -> ArraySlice<UInt8> { sealed[index * size..<(index + 1) * size] }
        for first in 0..<count {
            for second in 0..<count where second != first {
                if first < second {
                    try change(object, from: sealed, released: first, "\(first) and \(second)") {
                        $0.replaceSubrange(first * size..<(first + 1) * size, with: chunk(second))
                        $0.replaceSubrange(second * size..<(second + 1) * size, with: chunk(first))
                    }
                }
                try change(object, from: sealed, released: second, "\(first) at \(second), too") {
                    $0.replaceSubrange(second * size..<(second + 1) * size, with: chunk(first))
                }
            }
            for isPadded in [false, true] {
                try change(
                    object, from: sealed, released: isPadded ? first : 0, "without \(first)"
                ) { bytes in
                    bytes.removeSubrange(first * size..<(first + 1) * size)
                    if isPadded { bytes += chunk(count - 1) }
                }
            }
            try change(object, from: sealed, released: 0, "\(first) put in again") {
                $0.insert(contentsOf: chunk(first), at: first * size)
            }
        }
    }

    /// Writes a changed blob, reads its object, and puts the blob back.
    private mutating func change(
        _ object: DamagedObject, from sealed: [UInt8], released chunk: Int, _ what: String,
        _ change: (inout [UInt8]) -> Void
    ) throws {
        var bytes = sealed
        change(&bytes)
        guard bytes != sealed else { return }
        let file = try File.open(home.blobPath(object), .readWrite)
        defer { withExtendedLifetime(file) {} }
        try file.write(bytes.span, at: 0)
        try file.truncate(to: bytes.count)
        let outcome = home.read(
            object, way, released: chunk * DamagedHome.chunk,
            range: chunk * DamagedHome.chunk..<(chunk + 1) * DamagedHome.chunk)
        judge("chunks \(what) of \(object.description)", outcome, .refused)
        report.count("chunks moved")
        try file.write(sealed.span, at: 0)
        try file.truncate(to: sealed.count)
    }

    // MARK: Exchanges

    /// Chunks, blobs and rows of another object, version, scope and store in an object's place.
    mutating func exchange(otherPath: String, seed: UInt64) throws {
        let old = try home.object("many")
        let oldBlob = try readFile(home.blobPath(old))
        let oldRow = try home.catalog.row("objects", old.rowID)
        let object = try home.put(
            patternedBytes(old.bytes.count, seed: seed &+ 7), as: "many")
        let stranger = try DamagedHome(otherPath, vaultsOf: home)
        defer { stranger.close() }
        let foreign = try stranger.put(
            patternedBytes(old.bytes.count, seed: seed &+ 8), as: "many")
        let twin = try home.object("many twin")
        let scoped = try home.object("many", in: "other")

        let blobs = [
            ("an older version", oldBlob), ("another object", try readFile(home.blobPath(twin))),
            ("another scope", try readFile(home.blobPath(scoped))),
            ("another store", try readFile(stranger.blobPath(foreign))),
        ]
        for (what, blob) in blobs { try exchangeBlob(object, blob, what) }
        let rows = [
            ("an older version", oldRow, true),
            ("another object", try home.catalog.row("objects", twin.rowID), true),
            ("another scope", try home.catalog.row("objects", scoped.rowID), false),
            ("another store", try stranger.catalog.row("objects", foreign.rowID), false),
        ]
        for (what, row, isSameScope) in rows {
            try exchangeRow(object, row, what, isSameScope: isSameScope)
        }
        try exchangeKeys(object, stranger, foreign)
    }

    private mutating func exchangeBlob(
        _ object: DamagedObject, _ other: [UInt8], _ what: String
    ) throws {
        let sealed = try readFile(home.blobPath(object))
        let size = DamagedHome.sealedChunk
        for index in 0..<sealed.count / size {
            try change(object, from: sealed, released: index, "\(index) of \(what)") {
                let range = index * size..<(index + 1) * size
                $0.replaceSubrange(range, with: other[range])
            }
        }
        try change(object, from: sealed, released: 0, "all of \(what)") { $0 = other }
    }

    /// Another row, in each of its columns and all of them, in the place of an object's.
    private mutating func exchangeRow(
        _ object: DamagedObject, _ other: RowImage, _ what: String, isSameScope: Bool
    ) throws {
        let row = try home.catalog.row("objects", object.rowID)
        let place = ["scope", "tag"]
        var changes: [(String, RowImage)] = []
        var whole = other
        // What is found by the object's own place: else it would merely not be found.
        for name in place { whole[name] = row[name] }
        changes.append(("the row", whole))
        // With its own references, so that all that is authenticated is another's.
        var kept = whole
        for name in ["wrapped_key", "blob"] { kept[name] = row[name] }
        changes.append(("the row but for its references", kept))
        for column in row.columns.map(\.name) where !place.contains(column) {
            var image = row
            image[column] = other[column]
            changes.append((column, image))
            var reverse = whole
            reverse[column] = row[column]
            changes.append(("all but \(column)", reverse))
        }
        for (name, image) in changes where image != row {
            try home.catalog.put(image, "objects", object.rowID)
            home.store.forgetObjectKeys()
            let outcome = home.read(object, way)
            judge("\(name) of \(what) in the row of \(object.description)", outcome, .refused)
            report.count("rows exchanged")
        }
        try home.catalog.put(row, "objects", object.rowID)
    }

    /// The wrapped keys and scopes' rows of others.
    private mutating func exchangeKeys(
        _ object: DamagedObject, _ stranger: DamagedHome, _ foreign: DamagedObject
    ) throws {
        for other in home.objects where other.id != object.id {
            try replaceWrappedKey(of: object, by: home, other)
        }
        try replaceWrappedKey(of: object, by: stranger, foreign)
        let scope = try home.integer("SELECT id FROM scopes WHERE name = 'default'")
        let row = try home.catalog.row("scopes", scope)
        for (what, other) in [
            (
                "another scope",
                try home.catalog.row(
                    "scopes", home.integer("SELECT id FROM scopes WHERE name = 'other'"))
            ),
            (
                "another store",
                try stranger.catalog.row(
                    "scopes", stranger.integer("SELECT id FROM scopes WHERE name = 'default'"))
            ),
        ] {
            // Names and ids are unique: another's can't be there twice.
            let names = row.columns.map(\.name).filter {
                $0 != "name" && !($0 == "scope_id" && what == "another scope")
            }
            for columns in names.map({ [$0] }) + [names] {
                var image = row
                for column in columns { image[column] = other[column] }
                guard image != row else { continue }
                try home.catalog.put(image, "scopes", scope)
                home.distrustScopes()
                judge(
                    "\(columns) of \(what) in the scope's row", home.read(object, way),
                    columns == ["polled"] ? .open(why: "a note") : .refused)
                report.count("rows exchanged")
            }
        }
        try home.catalog.put(row, "scopes", scope)
        home.distrustScopes()
    }

    private mutating func replaceWrappedKey(
        of object: DamagedObject, by home: DamagedHome, _ other: DamagedObject
    ) throws {
        let find = "SELECT wrapped_key FROM objects WHERE id = "
        let rowID = try self.home.integer("\(find)\(object.rowID)")
        let row = try self.home.catalog.row("wrapped_keys", rowID)
        let wrapped = try home.catalog.row(
            "wrapped_keys", home.integer("\(find)\(other.rowID)"))["wrapped"]
        guard wrapped != row["wrapped"] else { return }
        var image = row
        image["wrapped"] = wrapped
        try self.home.catalog.put(image, "wrapped_keys", rowID)
        self.home.store.forgetObjectKeys()
        let outcome = self.home.read(object, way)
        judge("the wrapped key of \(other.description)", outcome, .refused)
        report.count("rows exchanged")
        try self.home.catalog.put(row, "wrapped_keys", rowID)
    }
}
