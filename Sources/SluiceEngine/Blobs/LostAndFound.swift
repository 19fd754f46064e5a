internal import SluiceNative

/// What a repair takes out of a store: `lost+found/N` in its directory, made with the first thing that is
/// put there (FORMAT section 2). Nothing in it is ever removed, and no name is written to it.
struct LostAndFound: ~Copyable {
    private let store: Directory
    private let storePath: String
    private var directory: Directory?
    private var rows: File?
    private var report: File?

    /// The names of files that were kept.
    private(set) var keptNames: Set<String> = []
    /// Where things are put; nil while there is nothing.
    private(set) var path: String?

    init(_ files: StoreFiles) {
        store = files.directory
        storePath = files.path
    }

    /// Notes what was taken out or mended, and why: in words that name no object.
    mutating func note(_ line: String) throws(StoreError) {
        let file: File
        if let report { file = report } else { file = try open(StoreLayout.repairReport) }
        report = file
        try append("\(line)\n", to: file)
    }

    /// Keeps a row, as the statement that would put it back.
    mutating func keep(row statement: String) throws(StoreError) {
        let file: File
        if let rows { file = rows } else { file = try open(StoreLayout.repairedRows) }
        rows = file
        try append("\(statement);\n", to: file)
    }

    /// Keeps a file by a second link to it, or by a copy where there can be none.
    mutating func keep(_ name: String, in source: Directory, as newName: String)
        throws(StoreError)
    {
        let target = try make()
        keptNames.insert(newName)
        do throws(SystemError) {
            try source.linkOrCopy(name, to: newName, in: target)
        } catch {
            // Kept already, as by an object and a pin that share it.
            guard error.isExists else { throw Self.failure(error) }
        }
    }

    /// Keeps a blob by reading it, as far as it can be read; false if it isn't there.
    mutating func keep(_ blobs: StoredBlobs, _ objectID: [UInt8]) throws(StoreError) -> Bool {
        let name = StoreLayout.blobName(objectID)
        // How many bytes it should have is not known: it is read to its end.
        guard let blob = try blobs.open(objectID, byteCount: 1) else { return false }
        var buffer = [UInt8](repeating: 0, count: 1 << 20)
        var file: File?
        var offset = 0
        var count = 0
        repeat {
            var span = buffer.mutableSpan
            do throws(StoreError) {
                count = try blob.read(into: &span, at: offset)
            } catch {
                guard error.isMissingBlob else { throw error }
                return false
            }
            if file == nil {
                guard !keptNames.contains(name) else { return true }
                file = try open(name)
            }
            do throws(SystemError) {
                try file?.write(buffer.span.extracting(first: count), at: offset)
            } catch {
                throw Self.failure(error)
            }
            offset += count
        } while count == buffer.count
        keptNames.insert(name)
        do throws(SystemError) {
            try file?.sync()
        } catch {
            throw Self.failure(error)
        }
        return true
    }

    /// Makes durable what was put here.
    func sync() throws(StoreError) {
        do throws(SystemError) {
            try rows?.sync()
            try report?.sync()
            try directory?.sync()
        } catch {
            throw Self.failure(error)
        }
    }

    // MARK: Files

    private mutating func open(_ name: String) throws(StoreError) -> File {
        let directory = try make()
        do throws(SystemError) {
            return try directory.createExclusively(name)
        } catch {
            throw Self.failure(error)
        }
    }

    private func append(_ text: String, to file: File) throws(StoreError) {
        do throws(SystemError) {
            try file.write(Array(text.utf8).span)
        } catch {
            throw Self.failure(error)
        }
    }

    /// The directory of this repair: the first number that no other has.
    private mutating func make() throws(StoreError) -> Directory {
        if let directory { return directory }
        do throws(SystemError) {
            let all = try store.openOrMakeDirectory(StoreLayout.lostAndFound)
            var number = 1
            while try all.has("\(number)") { number += 1 }
            try all.makeDirectory("\(number)")
            let made = try all.openDirectory("\(number)")
            try all.sync()
            try store.sync()
            directory = made
            path = "\(storePath)/\(StoreLayout.lostAndFound)/\(number)"
            return made
        } catch {
            throw Self.failure(error)
        }
    }

    private static func failure(_ error: SystemError) -> StoreError {
        StoreError(system: error, "keep what can't be repaired", otherwise: .cannotCreate)
    }
}

extension StoreFiles {
    /// What repairs have taken out of the store; nil if that is nothing.
    func lostAndFound() throws(StoreError) -> LostAndFoundSummary? {
        do throws(SystemError) {
            // A link, or what else somebody may have put there, is none of a repair's.
            guard try directory.hasDirectory(StoreLayout.lostAndFound) else { return nil }
            let all = try directory.openDirectory(StoreLayout.lostAndFound)
            let path = "\(path)/\(StoreLayout.lostAndFound)"
            var fileCount = 0
            var reportPaths: [String] = []
            let numbers = try all.names().compactMap { $0.string.flatMap { Int($0) } }
            for number in numbers.sorted() where try all.hasDirectory("\(number)") {
                let names = try all.openDirectory("\(number)").names().compactMap(\.string)
                fileCount += names.count { $0 != StoreLayout.repairReport }
                if names.contains(StoreLayout.repairReport) {
                    reportPaths.append("\(path)/\(number)/\(StoreLayout.repairReport)")
                }
            }
            guard fileCount > 0 else { return nil }
            return LostAndFoundSummary(
                path: path, fileCount: fileCount, reportPaths: reportPaths)
        } catch {
            throw StoreError(system: error, "look into")
        }
    }
}
