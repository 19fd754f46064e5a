internal import Foundation

/// What `CallShim` recorded, in the order in which it happened.
struct CallLog {
    /// Of what kind a record is; `CallShim.c` has the same list.
    enum Kind: UInt8 {
        case mark = 1
        case open, write, truncate, allocate, sync, link, unlink, rename
        case makeDirectory, removeDirectory, failedSync, syncAll, failedSyncAll
    }

    /// One call that took effect, or a mark, or a sync that failed.
    struct Record {
        let kind: Kind
        /// Of a link, the one that is linked, or -1 if it is linked by its name.
        let descriptor: Int
        let flags: Int
        /// Of a truncation, the new length; of an allocation, its end.
        let offset: Int
        /// Where in the log's bytes those are that were written.
        let bytes: Range<Int>
        /// The path relative to the recording's root, or a mark's text; empty for a write.
        let name: String
        /// The path that was renamed or linked.
        let other: String

        /// The same, its bytes so far further on.
        func moved(by byteCount: Int) -> Record {
            Record(
                kind: kind, descriptor: descriptor, flags: flags, offset: offset,
                bytes: bytes.lowerBound + byteCount..<bytes.upperBound + byteCount, name: name,
                other: other)
        }
    }

    let bytes: [UInt8]
    let records: [Record]

    /// Reads a file.
    init(path: String) throws {
        bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
        var records: [Record] = []
        var offset = 0
        while offset < bytes.count {
            guard let kind = Kind(rawValue: bytes[offset]) else {
                preconditionFailure("the log has no record at \(offset)")
            }
            let first = Int(Self.word(bytes, offset + 21, as: UInt32.self))
            let second = Int(Self.word(bytes, offset + 25, as: UInt32.self))
            let begin = offset + Self.headByteCount
            let isWrite = kind == .write
            records.append(
                Record(
                    kind: kind, descriptor: Int(Self.word(bytes, offset + 1, as: Int32.self)),
                    flags: Int(Self.word(bytes, offset + 9, as: Int32.self)),
                    offset: Int(Self.word(bytes, offset + 13, as: Int64.self)),
                    bytes: begin..<begin + first,
                    name: isWrite ? "" : Self.text(bytes, begin..<begin + first),
                    other: Self.text(bytes, begin + first..<begin + first + second)))
            offset = begin + first + second
        }
        self.records = records
    }

    private static let headByteCount = 29

    private static func word<Word: FixedWidthInteger>(
        _ bytes: [UInt8], _ offset: Int, as type: Word.Type
    ) -> Word {
        var word: Word = 0
        for place in 0..<Word.bitWidth / 8 {
            word |= Word(truncatingIfNeeded: Int(bytes[offset + place])) << (8 * place)
        }
        return word
    }

    private static func text(_ bytes: [UInt8], _ range: Range<Int>) -> String {
        String(decoding: bytes[range], as: UTF8.self)
    }
}
