/// How a run is laid out: a file with the names that are directly in one directory, in the order of their bytes. A
/// cache beside the catalog, of no authority (FORMAT section 16).
package enum RunLayout {
    /// What such a file begins with: what it is, and of which layout.
    package static let magic = Array("SLUICER".utf8) + [1]
    /// Random bytes behind it, of which every key of the run derives.
    package static let saltByteCount = 32
    /// How long the two are.
    package static let headerByteCount = 8 + saltByteCount
    /// What it ends with: how long the sealed index is that stands before, as a 32-bit number.
    package static let trailerByteCount = 4
    /// A chunk of names ends with the one that makes it this long.
    package static let chunkByteCount = 64 << 10
    /// The longest index that is read; a run that needs a longer one isn't written.
    package static let longestIndexByteCount = 64 << 20
    /// The number of the index, where a chunk has its own.
    package static let indexNumber = UInt64.max
}

/// The associated data of a run's chunk, or of its index: what it is a piece of, and which.
package enum RunBinding {
    private static let label = Array("sluice/2 listing run".utf8)

    /// The associated data.
    package static func encoded(
        storeID: [UInt8], scopeID: [UInt8], directory: [UInt8], number: UInt64
    ) -> [UInt8] {
        var writer = ByteWriter(capacity: 96)
        writer.counted(label)
        writer.fixed(storeID)
        writer.fixed(scopeID)
        writer.fixed(directory)
        writer.integer(number)
        return writer.bytes
    }
}

/// A name in a run.
package struct RunEntry: Equatable, Sendable {
    /// What it has behind its directory's path, be it nothing; a directory's ends in `/`.
    package var name: ArraySlice<UInt8>
    /// Whether it is a directory's.
    package var isDirectory: Bool
    /// The row it was found in.
    package var rowID: Int

    /// An entry of these.
    package init(name: ArraySlice<UInt8>, isDirectory: Bool, rowID: Int) {
        self.name = name
        self.isDirectory = isDirectory
        self.rowID = rowID
    }

    /// Appends the entry to a chunk.
    package func append(to writer: inout ByteWriter) {
        writer.integer(isDirectory ? UInt8(1) : 0)
        writer.integer(Int64(rowID))
        writer.integer(UInt16(name.count))
        writer.fixed(name)
    }

    /// The next entry of a chunk.
    package init(decoding reader: inout ByteReader) throws(FormatError) {
        let kind = try reader.integer(UInt8.self)
        guard kind <= 1 else { throw .invalidField("kind") }
        isDirectory = kind == 1
        rowID = Int(try reader.integer(Int64.self))
        name = try reader.counted()
    }
}

/// What a run says of its chunks, and up to which rows it has everything.
package struct RunIndex: Equatable, Sendable {
    /// A chunk of names.
    package struct Chunk: Equatable, Sendable {
        /// Where it begins in the file.
        package var offset: Int
        /// How long it is, sealed.
        package var sealedByteCount: Int
        /// How many names it has.
        package var nameCount: Int
        /// Its first name.
        package var firstName: [UInt8]

        /// A chunk with these.
        package init(offset: Int, sealedByteCount: Int, nameCount: Int, firstName: [UInt8]) {
            self.offset = offset
            self.sealedByteCount = sealedByteCount
            self.nameCount = nameCount
            self.firstName = firstName
        }
    }

    /// A row up to which everything was read.
    package struct Mark: Equatable, Sendable {
        /// Its number.
        package var rowID: Int
        /// What it held: 32 random bytes.
        package var revision: [UInt8]

        /// A mark with these.
        package init(rowID: Int, revision: [UInt8]) {
            self.rowID = rowID
            self.revision = revision
        }
    }

    /// The chunks, in their order, one behind the other.
    package var chunks: [Chunk] = []
    /// Marks among the rows of objects, in their order.
    package var objects: [Mark] = []
    /// Marks among the rows of directories, likewise.
    package var directories: [Mark] = []

    /// An index of nothing.
    package init() {}

    /// How many names there are.
    package var nameCount: Int { chunks.reduce(0) { $0 + $1.nameCount } }

    /// Where the chunks end.
    package var endOffset: Int {
        chunks.last.map { $0.offset + $0.sealedByteCount } ?? RunLayout.headerByteCount
    }

    /// The index's plaintext.
    package func encoded() -> [UInt8] {
        var writer = ByteWriter(capacity: 64 * chunks.count + 40 * objects.count + 64)
        writer.integer(UInt32(chunks.count))
        for chunk in chunks {
            writer.integer(UInt32(chunk.sealedByteCount))
            writer.integer(UInt32(chunk.nameCount))
            writer.counted(chunk.firstName)
        }
        for marks in [objects, directories] {
            writer.integer(UInt32(marks.count))
            for mark in marks {
                writer.integer(Int64(mark.rowID))
                writer.fixed(mark.revision)
            }
        }
        return writer.bytes
    }

    /// The index that these bytes are the plaintext of.
    package init(decoding bytes: [UInt8]) throws(FormatError) {
        var reader = ByteReader(bytes)
        for _ in 0..<(try reader.integer(UInt32.self)) {
            let sealedByteCount = Int(try reader.integer(UInt32.self))
            let nameCount = Int(try reader.integer(UInt32.self))
            guard sealedByteCount > Format.tagByteCount, nameCount > 0 else {
                throw .invalidField("chunk")
            }
            chunks.append(
                Chunk(
                    offset: endOffset, sealedByteCount: sealedByteCount, nameCount: nameCount,
                    firstName: Array(try reader.counted())))
        }
        objects = try Self.marks(&reader)
        directories = try Self.marks(&reader)
        try reader.finish()
    }

    private static func marks(_ reader: inout ByteReader) throws(FormatError) -> [Mark] {
        var marks: [Mark] = []
        for _ in 0..<(try reader.integer(UInt32.self)) {
            let rowID = Int(try reader.integer(Int64.self))
            marks.append(
                Mark(
                    rowID: rowID,
                    revision: Array(try reader.fixed(byteCount: Format.revisionByteCount))))
        }
        return marks
    }
}
