/// How far somebody has come through the rows of a directory.
///
/// A new row comes behind all others, and its number is that of an older one only if the last rows have
/// gone. So as long as the last row that was passed is there, whatever has come meanwhile is behind it. If it
/// isn't, the way leads back to a row that is: some rows are passed twice then, and none is missed.
struct RowPath: Sendable {
    /// A row that was passed.
    struct Mark: Sendable {
        let rowID: Int
        /// What the row has as long as it holds the same: an object's or a revision's random id.
        let id: [UInt8]
    }

    /// The last row of each part that was read.
    private(set) var marks: [Mark]

    /// A way that has come as far as these rows, or to the start.
    init(marks: [Mark] = []) {
        self.marks = marks
    }

    /// The row to go on behind.
    var rowID: Int { marks.last?.rowID ?? .min }

    mutating func pass(_ mark: Mark) {
        marks.append(mark)
    }

    /// Goes back to the last mark that is still there.
    mutating func goBack(to isThere: (Mark) throws(StoreError) -> Bool) throws(StoreError) {
        while let mark = marks.last, try !isThere(mark) { marks.removeLast() }
    }
}
