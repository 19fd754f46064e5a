internal import Sluice
internal import SluiceNative

/// Bits of blobs and of rows.
extension EveryBitRound {
    /// Flips every bit of a blob, or one bit of every `stride` of them, and reads the whole object.
    mutating func flipBlob(_ object: DamagedObject, stride step: Int) throws {
        let path = home.blobPath(object)
        let sealed = try readFile(path)
        let file = try File.open(path, .readWrite)
        let isRaw = sealed.count > object.bytes.count
        for bit in stride(from: 0, to: 8 * sealed.count, by: step) {
            let place = bit / 8
            try file.write([sealed[place] ^ (1 << UInt8(bit % 8))].span, at: place)
            // Chunks before the one that is damaged are sound; of a compressed blob no more is known.
            let chunk = place / DamagedHome.sealedChunk
            let start = isRaw ? min(chunk * DamagedHome.chunk, object.bytes.count) : 0
            let outcome = home.read(
                object, way, released: isRaw ? start : DamagedHome.chunk,
                range: isRaw ? start..<start + 1 + bit % DamagedHome.chunk : object.bytes.indices)
            judge("bit \(bit) of the blob of \(object.description)", outcome, .refused)
            report.count("bits of blobs")
            try file.write([sealed[place]].span, at: place)
        }
    }

    /// Alters one byte after the other, and reads the chunk that it is in.
    mutating func flipBytes(_ object: DamagedObject, stride step: Int) throws {
        let path = home.blobPath(object)
        let sealed = try readFile(path)
        let file = try File.open(path, .readWrite)
        for place in stride(from: 0, to: sealed.count, by: step) {
            try file.write([sealed[place] &+ UInt8(1 + place % 255)].span, at: place)
            let start = place / DamagedHome.sealedChunk * DamagedHome.chunk
            let range = start..<min(start + DamagedHome.chunk, object.bytes.count)
            let outcome = home.read(object, .range, range: range)
            judge("byte \(place) of the blob of \(object.description)", outcome, .refused)
            report.count("bytes of blobs")
            // The rest of the object is as it was.
            if place % (64 * step) == 0 {
                let other = (start + DamagedHome.chunk) % object.bytes.count
                if case .right = home.read(object, .range, range: other..<other + 1) {
                } else {
                    fail("byte \(place)", "another chunk can't be read")
                }
            }
            try file.write([sealed[place]].span, at: place)
        }
    }

    // MARK: Rows

    /// Flips every bit of every column of the rows that stand for an object.
    mutating func flipRows() throws {
        for name in ["raw", "text", "dir/inline"] {
            let object = try home.object(name)
            try flip("objects", object.rowID, object, except: name == "raw" ? [] : ["data"])
            let key = try home.integer(
                "SELECT wrapped_key FROM objects WHERE id = \(object.rowID)")
            try flip("wrapped_keys", key, object)
            guard name != "dir/inline" else { continue }
            try flip(
                "blobs", home.integer("SELECT blob FROM objects WHERE id = \(object.rowID)"), object
            )
        }
        let elsewhere = try home.object("elsewhere")
        try flip("objects", elsewhere.rowID, elsewhere, except: ["data"])
        // The bytes in the row.
        let inline = try home.object("dir/inline")
        try flip("objects", inline.rowID, inline, only: "data", stride: isFull ? 1 : 8)
        let object = try home.object("raw")
        let scope = try home.integer("SELECT id FROM scopes WHERE name = 'default'")
        try flip("scopes", scope, object)
        try flip("keys", home.integer("SELECT key FROM scopes WHERE id = \(scope)"), object)
        try flip("store", 1, object)
        try flipDirectory()
        try flipHeader()
    }

    private mutating func flip(
        _ table: String, _ rowID: Int, _ object: DamagedObject, except: Set<String> = [],
        only: String? = nil, stride: Int = 1
    ) throws {
        for column in try RowColumn.all(of: table, in: home.catalog)
        where !except.contains(column.name) && (only == nil || only == column.name) {
            try flip(column, rowID, stride: stride) { round, bit in
                if table == "wrapped_keys" || column.name == "wrapped_key" {
                    round.home.store.forgetObjectKeys()
                }
                // Where sealed bytes are in the row, the chunks before the one that is damaged are sound.
                let chunk = column.name == "data" ? bit / 8 / DamagedHome.sealedChunk : 0
                let start = chunk * DamagedHome.chunk
                return round.home.read(
                    object, round.way, released: start, range: start..<start + 1)
            }
        }
    }

    /// Flips every bit of a column, and judges what `read` comes to each time; then puts it back.
    private mutating func flip(
        _ column: RowColumn, _ rowID: Int, stride step: Int,
        _ read: (EveryBitRound, _ bit: Int) -> ReadOutcome
    ) throws {
        let value = try home.catalog.value(column.table, column.name, rowID)
        var rowID = rowID
        for bit in stride(from: 0, to: max(1, value.bitCount), by: step) {
            let flipped = value.flipped(bit)
            guard try home.catalog.set(column, rowID, to: flipped) else {
                report.count("bits that the catalog itself refused")
                continue
            }
            if column.name == "id", case .integer(let id) = flipped { rowID = Int(id) }
            let what = "bit \(bit) of \(column.table).\(column.name)"
            report.count("bits of rows")
            do throws(StoreError) {
                try lookAgain(column)
            } catch {
                judge(what, .refused(error), column.promise)
                continue
            }
            judge(what, read(self, bit), column.promise)
            if bit == step * (max(1, value.bitCount / step) / 2) || bit == 0 {
                if isToBeNoticed(column) { expectNoticed(what) }
            }
        }
        _ = try home.catalog.set(column, rowID, to: value)
        try lookAgain(column)
    }

    /// Has the store read a table again that it doesn't read each time.
    private func lookAgain(_ column: RowColumn) throws(StoreError) {
        switch column.table {
        case "scopes": home.distrustScopes()
        case "keys", "store": try home.reopen()
        default: break
        }
    }

    /// Whether a verification has to find an alteration of this column.
    private func isToBeNoticed(_ column: RowColumn) -> Bool {
        guard case .open = column.promise else { return true }
        return ["objects", "bytes", "refs"].contains(column.name)
            || (column.table == "wrapped_keys" && column.name == "scope")
    }

    /// A listing never shows what isn't there, nor leaves anything out unnoticed.
    private mutating func flipDirectory() throws {
        let all = home.objects.filter { $0.scope == .default }.map(\.name.description).sorted()
        for column in try RowColumn.all(of: "directories", in: home.catalog) {
            try flip(column, 1, stride: 1) { round, _ in
                do throws(StoreError) {
                    let names = try round.home.store.list().entries.map(\.name.description)
                    if names.sorted() == all { return .right }
                    return Set(names).isSubset(of: all)
                        ? .refused(StoreError(.notFound, "hidden")) : .wrong("\(names)")
                } catch {
                    return .refused(error)
                }
            }
        }
    }

    /// The two numbers in the file's header that say what it is.
    private mutating func flipHeader() throws {
        for pragma in ["application_id", "user_version"] {
            let value = Int32(truncatingIfNeeded: try home.integer("PRAGMA \(pragma)"))
            for bit in 0..<32 {
                try home.catalog.execute("PRAGMA \(pragma) = \(value ^ (1 << Int32(bit)))")
                report.count("bits of rows")
                do throws(StoreError) {
                    try home.reopen()
                    judge("bit \(bit) of \(pragma)", .right, .refused)
                } catch {
                    // A higher version is refused as such.
                    let isNewer = error.code == .newerVersion && pragma == "user_version"
                    let outcome = isNewer ? StoreError(.damagedCatalog, "newer") : error
                    judge("bit \(bit) of \(pragma)", .refused(outcome), .refused)
                }
            }
            try home.catalog.execute("PRAGMA \(pragma) = \(value)")
            try home.reopen()
        }
    }
}
